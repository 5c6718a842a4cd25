fn main() -> std::process::ExitCode {
    bharatmart_runtime::serve(&bharatmart_catalog::categories::create::ROUTE)
}
