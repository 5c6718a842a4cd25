fn main() -> std::process::ExitCode {
    bharatmart_runtime::work(&bharatmart_workers::mock_provider::WORKER)
}
