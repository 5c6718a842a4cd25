fn main() -> std::process::ExitCode {
    bharatmart_runtime::work(&bharatmart_workers::payments_sweeper::WORKER)
}
