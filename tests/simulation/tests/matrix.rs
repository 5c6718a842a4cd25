//! Every call of every journey meets every fault, and docs/reliability.md says so.

use bharatmart_simulation::{matrix, page};

#[test]
fn each_journey_ends_well_whatever_befalls_a_call_of_it_and_the_page_tells_which() {
    let cells = matrix::cells();
    let wrong: Vec<_> = cells.iter().flat_map(|cell| cell.wrong.iter().cloned()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (journey, call) in [
        ("placement", "commit"),
        ("placement", "claim_key"),
        ("placement", "free_key"),
        ("placement", "owner"),
        ("placement", "products"),
        ("placement", "counted"),
        ("placement", "count"),
        ("placement", "send"),
        ("placement", "mark_sent"),
        ("placement", "applied"),
        ("placement", "done"),
        ("payment", "charge"),
        ("lost answer", "look"),
        ("cancellation", "refund"),
        ("refund", "refund"),
        ("refund", "receive"),
    ] {
        let struck = cells.iter().find(|cell| cell.journey.name() == journey && cell.operation.name == call);
        assert!(struck.is_some_and(|cell| cell.struck > 0), "{journey} never calls {call}");
    }
    let text = std::fs::read_to_string(page::path()).unwrap();
    let current = page::current(&text, &cells).expect("the page has its marks");
    assert!(text == current, "docs/reliability.md is not what the code does: run `make matrix`");
}
