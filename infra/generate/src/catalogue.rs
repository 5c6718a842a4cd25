//! The function catalogue as the generator sees it: one list of functions, whether a route or a worker, and the rules
//! every declaration must keep. What a declaration means is said by the runtime.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use bharatmart_core::queues::Queue;
use bharatmart_runtime::route::{Idempotency, Route};
use bharatmart_runtime::{Endpoint, Grant, Job, Worker, needs};

/// The route that answers what no other does.
pub const DEFAULT_PATH: &str = "$default";

pub struct Catalogue {
    pub endpoints: Vec<Endpoint>,
    pub workers: Vec<&'static Worker>,
}

/// One Lambda function.
pub struct Function {
    pub name: &'static str,
    pub service: &'static str,
    pub summary: &'static str,
    pub memory_mb: u32,
    pub timeout_s: u32,
    pub grants: Vec<Grant>,
    pub trigger: Trigger,
}

#[derive(Clone, Copy)]
pub enum Trigger {
    Route(&'static Route),
    Queue {
        queue: &'static Queue,
        batch: u32,
    },
    Schedule {
        every: Duration,
    },
    /// Called by hand or by a deployment.
    Once,
}

impl Catalogue {
    /// What the workspace's functions declare.
    pub fn of_the_shop() -> Self {
        Catalogue { endpoints: bharatmart_functions::endpoints(), workers: bharatmart_functions::workers() }
    }

    /// In the order of service and name, so that an output depends on the declarations alone.
    pub fn functions(&self) -> Vec<Function> {
        let routes = self.endpoints.iter().map(|endpoint| of_route(endpoint.route));
        let mut functions: Vec<_> = routes.chain(self.workers.iter().map(|worker| of_worker(worker))).collect();
        functions.sort_by_key(|function| (function.service, function.name));
        functions
    }

    pub fn services(&self) -> BTreeSet<&'static str> {
        self.functions().iter().map(|function| function.service).collect()
    }

    /// Routes with a path of their own, by path and then method.
    pub fn api(&self) -> Vec<&Endpoint> {
        let mut api: Vec<_> = self.endpoints.iter().filter(|endpoint| endpoint.route.path != DEFAULT_PATH).collect();
        api.sort_by_key(|endpoint| (endpoint.route.path, method_rank(endpoint.route)));
        api
    }

    /// Everything that is wrong with the declarations, each with what would be right.
    pub fn mistakes(&self, root: &Path) -> Vec<String> {
        let (mut mistakes, mut names, mut routes) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for function in self.functions() {
            let name = function.name;
            if !names.insert(name) {
                mistakes.push(format!("{name} is declared twice: a function's name is its binary's, so it is unique"));
            }
            if !is_name(name) {
                mistakes.push(format!("{name} is no function's name: it is <noun>-<verb>, of a-z, 0-9 and -"));
            }
            let binary = format!("functions/{}/src/bin/{name}.rs", function.service);
            if !root.join(&binary).is_file() {
                mistakes.push(format!("{name} has no binary: write {binary}"));
            }
            if let Trigger::Route(route) = function.trigger
                && !routes.insert((route.path, route.method.as_str()))
            {
                mistakes.push(format!("{} {} is declared twice", route.method, route.path));
            }
            if let Trigger::Queue { queue, batch } = function.trigger {
                if queue.visibility < Duration::from_secs(function.timeout_s.into()) {
                    mistakes.push(format!(
                        "{name} may run longer than a message of {} is hidden: AWS refuses that; prolong `visibility`",
                        queue.name
                    ));
                }
                if !(1..=10).contains(&batch) {
                    // More would need a batching window, and a FIFO queue has none.
                    mistakes.push(format!("{name} takes {batch} messages at once: it is 1 to 10"));
                }
            }
        }
        mistakes
    }
}

/// As a person lists them.
fn method_rank(route: &Route) -> usize {
    ["GET", "POST", "PUT", "PATCH", "DELETE"].iter().position(|method| *method == route.method.as_str()).unwrap_or(5)
}

fn is_name(name: &str) -> bool {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    name.split('-').count() >= 2 && name.split('-').all(word)
}

fn of_route(route: &'static Route) -> Function {
    let mut grants: Vec<_> = needs(route).iter().map(|need| need.grant).collect();
    // The runtime claims and frees the key in the store the route commits to.
    if route.idempotency != Idempotency::None && !grants.contains(&Grant::Commits) {
        grants.push(Grant::Commits);
    }
    Function {
        name: route.name,
        service: route.service,
        summary: route.summary,
        memory_mb: route.memory_mb,
        timeout_s: route.timeout_s,
        grants: unique(grants),
        trigger: Trigger::Route(route),
    }
}

fn of_worker(worker: &'static Worker) -> Function {
    let mut grants: Vec<_> = worker.needs.iter().map(|need| need.grant).collect();
    let trigger = match &worker.job {
        Job::Queue { queue, batch, .. } => {
            grants.push(Grant::Receives(queue));
            Trigger::Queue { queue, batch: *batch }
        }
        Job::Schedule { every, .. } => Trigger::Schedule { every: *every },
        Job::Once { .. } => Trigger::Once,
    };
    Function {
        name: worker.name,
        service: worker.service,
        summary: worker.summary,
        memory_mb: worker.memory_mb,
        timeout_s: worker.timeout_s,
        grants: unique(grants),
        trigger,
    }
}

fn unique(grants: Vec<Grant>) -> Vec<Grant> {
    grants.into_iter().fold(Vec::new(), |mut kept, grant| {
        if !kept.contains(&grant) {
            kept.push(grant);
        }
        kept
    })
}

impl Function {
    /// `products-get` is `ProductsGet` where CloudFormation wants a logical id.
    pub fn id(&self) -> String {
        logical_id(self.name)
    }

    pub fn has(&self, wanted: impl Fn(&Grant) -> bool) -> bool {
        self.grants.iter().any(wanted)
    }
}

pub fn logical_id(name: &str) -> String {
    name.split('-')
        .flat_map(|word| word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)))
        .collect()
}
