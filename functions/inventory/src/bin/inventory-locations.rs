fn main() -> std::process::ExitCode {
    bharatmart_runtime::serve(&bharatmart_inventory::stock::locations::ROUTE)
}
