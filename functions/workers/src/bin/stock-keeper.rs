fn main() -> std::process::ExitCode {
    bharatmart_runtime::work(&bharatmart_workers::stock_keeper::WORKER)
}
