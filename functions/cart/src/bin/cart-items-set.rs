fn main() -> std::process::ExitCode {
    bharatmart_runtime::serve(&bharatmart_cart::items::set::ROUTE)
}
