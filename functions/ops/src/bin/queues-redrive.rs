fn main() -> std::process::ExitCode {
    bharatmart_runtime::serve(&bharatmart_ops::queues::redrive::ROUTE)
}
