fn main() -> std::process::ExitCode {
    bharatmart_runtime::work(&bharatmart_workers::order_keeper::WORKER)
}
