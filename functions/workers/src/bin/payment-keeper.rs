fn main() -> std::process::ExitCode {
    bharatmart_runtime::work(&bharatmart_workers::payment_keeper::WORKER)
}
