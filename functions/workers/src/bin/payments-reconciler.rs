fn main() -> std::process::ExitCode {
    bharatmart_runtime::work(&bharatmart_workers::payments_reconciler::WORKER)
}
