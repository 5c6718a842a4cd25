fn main() -> std::process::ExitCode {
    bharatmart_runtime::work(&bharatmart_workers::analytics_counter::WORKER)
}
