fn main() -> std::process::ExitCode {
    bharatmart_runtime::work(&bharatmart_workers::admin_create::WORKER)
}
