fn main() -> std::process::ExitCode {
    bharatmart_runtime::serve(&bharatmart_analytics::figures::summary::ROUTE)
}
