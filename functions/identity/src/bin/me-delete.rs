fn main() -> std::process::ExitCode {
    bharatmart_runtime::serve(&bharatmart_identity::me::delete::ROUTE)
}
