//! Where a request comes from: what the gateway saw, or behind proxies that are trusted, what the outermost of them saw.
//! What a customer writes into a header is never believed.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::HeaderMap;
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt};

/// `None` when there was no gateway: a function that is called by hand.
pub(crate) fn of(request: &Request, trusted_proxies: usize) -> Option<IpAddr> {
    let seen = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref().and_then(parse),
        _ => None,
    };
    forwarded(request.headers(), trusted_proxies).or(seen)
}

/// Each proxy adds the one who called it at the end; what stands before those is the customer's own writing.
fn forwarded(headers: &HeaderMap, trusted_proxies: usize) -> Option<IpAddr> {
    let from_the_end = trusted_proxies.checked_sub(1)?;
    let lines: Vec<&str> =
        headers.get_all("x-forwarded-for").into_iter().filter_map(|line| line.to_str().ok()).collect();
    lines.join(",").rsplit(',').nth(from_the_end).and_then(parse)
}

fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address = text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    // `::ffff:192.0.2.1` is 192.0.2.1.
    address.map(|address: IpAddr| address.to_canonical())
}

/// As whom an address is counted: a customer with IPv6 has a network of his own, 2^64 addresses, so the network counts.
pub(crate) fn counted(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            format!("{}/64", Ipv6Addr::from_bits(network))
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;

    use super::*;

    fn from(source: &str, forwarded: &[&str]) -> Request {
        let mut context = ApiGatewayV2httpRequestContext::default();
        context.http.source_ip = Some(source.to_owned());
        let builder = http::Request::get("/");
        let builder = forwarded.iter().fold(builder, |builder, line| builder.header("x-forwarded-for", *line));
        let request: Request = builder.body(lambda_http::Body::Empty).unwrap();
        request.with_request_context(RequestContext::ApiGatewayV2(context))
    }

    fn text(request: &Request, proxies: usize) -> String {
        of(request, proxies).map_or_else(String::new, |address| address.to_string())
    }

    #[test]
    fn without_trusted_proxies_no_header_is_believed() {
        assert_eq!(text(&from("192.0.2.1", &["198.51.100.7"]), 0), "192.0.2.1");
    }

    #[test]
    fn a_trusted_proxy_is_believed_and_what_the_customer_put_before_it_is_not() {
        let spoofed = from("10.0.0.1", &["1.1.1.1, 198.51.100.7"]);
        assert_eq!(text(&spoofed, 1), "198.51.100.7");
        let two_lines = from("10.0.0.1", &["1.1.1.1", "198.51.100.7:4711, 10.0.0.2"]);
        assert_eq!(text(&two_lines, 2), "198.51.100.7");
    }

    #[test]
    fn what_came_past_the_proxies_counts_as_the_gateway_saw_it() {
        assert_eq!(text(&from("192.0.2.1", &[]), 1), "192.0.2.1");
        assert_eq!(text(&from("192.0.2.1", &["198.51.100.7"]), 2), "192.0.2.1");
        assert_eq!(text(&from("192.0.2.1", &["unknown"]), 1), "192.0.2.1");
    }

    #[test]
    fn a_network_of_ipv6_is_one_caller_and_ipv4_in_disguise_is_ipv4() {
        let counted_as = |source: &str| of(&from(source, &[]), 0).map(counted).unwrap();
        assert_eq!(counted_as("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(counted_as("2001:db8:1:2:ffff::1"), "2001:db8:1:2::/64");
        assert_eq!(counted_as("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
