fn main() -> std::process::ExitCode {
    bharatmart_runtime::work(&bharatmart_workers::search_rebuild::WORKER)
}
