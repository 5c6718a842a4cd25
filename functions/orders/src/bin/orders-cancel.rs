fn main() -> std::process::ExitCode {
    bharatmart_runtime::serve(&bharatmart_orders::orders::cancel::ROUTE)
}
