fn main() -> std::process::ExitCode {
    bharatmart_runtime::work(&bharatmart_workers::outbox_sweeper::WORKER)
}
