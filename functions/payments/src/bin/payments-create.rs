fn main() -> std::process::ExitCode {
    bharatmart_runtime::serve(&bharatmart_payments::payments::create::ROUTE)
}
