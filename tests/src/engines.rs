//! A test is written once and run on every engine, with the engine in its name: `store::postgres::events_…`.

/// `on_every!(worlds: sqlite, postgres => [a_test, another]);` runs `a_test(worlds::sqlite().await)` as the test
/// `sqlite::a_test`, and so on. `worlds` is any module with one async function an engine that gives a test a place of
/// its own. A test that is not listed is an unused function, which the compiler tells.
#[macro_export]
macro_rules! on_every {
    ($worlds:path: $($engine:ident),+ $(,)? => $tests:tt) => {
        $($crate::on_every!(@engine $worlds, $engine, $tests);)+
    };
    (@engine $worlds:path, $engine:ident, [$($test:ident),+ $(,)?]) => {
        mod $engine {
            #[allow(unused_imports, reason = "the path of the worlds may begin at the suite")]
            use super::*;
            use $worlds as places;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test(places::$engine().await).await
                }
            )+
        }
    };
}

/// The stores: each test gets a [`StoreWorld`](crate::stores::StoreWorld).
#[macro_export]
macro_rules! on_every_store {
    ($($test:ident),+ $(,)?) => {
        $crate::on_every!(bharatmart_tests::stores: memory, sqlite, postgres, dynamodb => [$($test),+]);
    };
}
