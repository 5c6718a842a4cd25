//! Which function answers a request, and its path parameters. As API Gateway decides: the route of the method and
//! path, a literal path before one with a parameter, anything else the `$default` route.

use std::collections::HashMap;

use bharatmart_runtime::Route;
use http::Method;
use percent_encoding::percent_decode_str;

pub struct Router {
    by_method: Vec<(Method, matchit::Router<Target>)>,
    default: &'static Route,
}

struct Target {
    route: &'static Route,
    /// The route's own names of its parameters, in order. The tree knows them by number, since two routes may call
    /// the same segment by two names.
    params: Vec<&'static str>,
}

impl Router {
    /// Of the whole catalogue. The catalogue is part of the build: what is wrong with it is told at start.
    pub fn new(routes: impl IntoIterator<Item = &'static Route>) -> Result<Self, String> {
        let mut by_method: Vec<(Method, matchit::Router<Target>)> = Vec::new();
        let mut default = None;
        for route in routes {
            if route.path == DEFAULT {
                default = Some(route);
                continue;
            }
            let (pattern, params) = pattern(route.path);
            let position = by_method.iter().position(|(method, _)| *method == route.method).unwrap_or_else(|| {
                by_method.push((route.method.clone(), matchit::Router::new()));
                by_method.len() - 1
            });
            let inserted = by_method[position].1.insert(pattern, Target { route, params });
            inserted.map_err(|error| format!("{} {}: {error}", route.method, route.path))?;
        }
        let default = default.ok_or_else(|| format!("no function answers the {DEFAULT} route"))?;
        Ok(Router { by_method, default })
    }

    pub fn find(&self, method: &Method, path: &str) -> Option<(&'static Route, HashMap<String, String>)> {
        let (_, tree) = self.by_method.iter().find(|(known, _)| known == method)?;
        let found = tree.at(path).ok()?;
        let value = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let values = found.params.iter().map(|(_, text)| value(text));
        let names = found.value.params.iter().map(|name| (*name).to_owned());
        Some((found.value.route, names.zip(values).collect()))
    }

    pub fn default(&self) -> &'static Route {
        self.default
    }
}

const DEFAULT: &str = "$default";

fn pattern(path: &'static str) -> (String, Vec<&'static str>) {
    let mut params = Vec::new();
    let segments: Vec<_> = path
        .split('/')
        .map(|segment| match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => {
                params.push(name);
                format!("{{{}}}", params.len())
            }
            None => segment.to_owned(),
        })
        .collect();
    (segments.join("/"), params)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router() -> Router {
        Router::new(bharatmart_functions::endpoints().iter().map(|endpoint| endpoint.route)).unwrap()
    }

    #[test]
    fn every_route_of_the_catalogue_finds_its_own_function() {
        let router = router();
        for endpoint in bharatmart_functions::endpoints() {
            let route = endpoint.route;
            if route.path != DEFAULT {
                let path = route.path.replace('{', "x-").replace('}', "");
                assert_eq!(router.find(&route.method, &path).unwrap().0.name, route.name);
            }
        }
    }

    #[test]
    fn a_path_parameter_arrives_decoded_under_the_name_its_route_gave_it() {
        let router = router();
        let (route, params) = router.find(&Method::GET, "/api/v1/products/masala%20chai%2F1").unwrap();
        assert_eq!(route.path, "/api/v1/products/{id}");
        assert_eq!(params["id"], "masala chai/1");
    }

    #[test]
    fn what_no_route_answers_is_left_to_the_default() {
        let router = router();
        assert!(router.find(&Method::GET, "/api/v1/nothing").is_none());
        assert!(router.find(&Method::HEAD, "/api/v1/products").is_none());
        assert!(router.find(&Method::GET, "/api/v1/products/").is_none());
        assert!(router.find(&Method::GET, "/api/v1/products/a/b").is_none());
    }

    #[test]
    fn two_routes_may_name_the_same_segment_differently() {
        assert_eq!(pattern("/a/{id}/b"), ("/a/{1}/b".to_owned(), vec!["id"]));
        assert_eq!(pattern("/a/{product_id}").0, "/a/{1}");
    }
}
