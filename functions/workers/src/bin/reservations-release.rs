fn main() -> std::process::ExitCode {
    bharatmart_runtime::work(&bharatmart_workers::reservations_release::WORKER)
}
