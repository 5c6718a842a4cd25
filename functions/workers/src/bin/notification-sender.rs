fn main() -> std::process::ExitCode {
    bharatmart_runtime::work(&bharatmart_workers::notification_sender::WORKER)
}
