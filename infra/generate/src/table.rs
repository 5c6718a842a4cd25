//! functions/ops/src/table.rs: every route there is, for the function that answers what no route does.

use std::fmt::Write as _;

use crate::HEADER;
use crate::catalogue::Catalogue;

pub fn source(catalogue: &Catalogue) -> String {
    let mut source = format!(
        "//! {HEADER}\n//! Every route there is: for telling a wrong path (404) from a wrong method (405).\n\n\
         pub const TABLE: &[(&str, &str)] = &[\n"
    );
    for endpoint in catalogue.api() {
        let _ = writeln!(source, "    (\"{}\", \"{}\"),", endpoint.route.method, endpoint.route.path);
    }
    source.push_str("];\n");
    source
}
