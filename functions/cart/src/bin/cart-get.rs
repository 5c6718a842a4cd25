fn main() -> std::process::ExitCode {
    bharatmart_runtime::serve(&bharatmart_cart::cart::get::ROUTE)
}
