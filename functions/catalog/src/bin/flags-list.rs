fn main() -> std::process::ExitCode {
    bharatmart_runtime::serve(&bharatmart_catalog::flags::list::ROUTE)
}
