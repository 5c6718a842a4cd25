//! What the generator promises: outputs that follow the declarations, and a check that tells when they do not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use bharatmart_core::catalog::{NewProduct, ProductInput};
use bharatmart_core::{Event, queues};
use bharatmart_generate::catalogue::Catalogue;
use bharatmart_generate::{File, files, stale, write};
use bharatmart_runtime::route::{Access, Idempotency, Limit};
use bharatmart_runtime::{Endpoint, Job, Need, Reply, Route, Spec, Worker};
use http::Method;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A workspace of its own with what the generator reads from one.
fn a_workspace(catalogue: &Catalogue) -> tempfile::TempDir {
    let workspace = tempfile::tempdir().unwrap();
    let copy = |path: &str| {
        let to = workspace.path().join(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(root().join(path), to).unwrap();
    };
    copy("Cargo.toml");
    for body in fs::read_dir(root().join("infra/generate/bodies")).unwrap() {
        copy(&format!("infra/generate/bodies/{}", body.unwrap().file_name().to_str().unwrap()));
    }
    for function in catalogue.functions() {
        add_binary(workspace.path(), function.service, function.name);
    }
    workspace
}

fn add_binary(workspace: &Path, service: &str, name: &str) {
    let binary = workspace.join(format!("functions/{service}/src/bin/{name}.rs"));
    fs::create_dir_all(binary.parent().unwrap()).unwrap();
    fs::write(binary, "").unwrap();
}

fn of(files: &[File], path: &str) -> String {
    files.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("no {path}")).text.clone()
}

fn json(files: &[File], path: &str) -> Value {
    serde_json::from_str(&of(files, path)).unwrap()
}

const fn a_route(service: &'static str, name: &'static str, path: &'static str) -> Route {
    Route {
        name,
        service,
        method: Method::GET,
        path,
        summary: "List the lookbook",
        access: Access::Public,
        idempotency: Idempotency::None,
        limit: Limit::Ordinary,
        needs: &[Need::PROBES_STORE],
        memory_mb: 128,
        timeout_s: 10,
        handler: |_| Box::pin(async { Ok(Reply::no_content()) }),
    }
}

static LOOKBOOK: Route = a_route("catalog", "lookbook-list", "/api/v1/lookbook");

fn with_lookbook() -> Catalogue {
    let mut catalogue = Catalogue::of_the_shop();
    catalogue.endpoints.push(Endpoint { route: &LOOKBOOK, spec: || Spec::new("The lookbook.").empty(204, "None.") });
    catalogue
}

#[test]
fn what_is_committed_is_what_the_declarations_say() {
    let files = files(&Catalogue::of_the_shop(), &root()).unwrap();
    assert_eq!(stale(&files, &root()).unwrap(), Vec::<String>::new(), "run `make gen`");
}

#[test]
fn a_route_that_is_added_makes_every_list_of_routes_stale() {
    let before = Catalogue::of_the_shop();
    let workspace = a_workspace(&before);
    write(&files(&before, workspace.path()).unwrap(), workspace.path()).unwrap();
    assert!(stale(&files(&before, workspace.path()).unwrap(), workspace.path()).unwrap().is_empty());

    add_binary(workspace.path(), "catalog", "lookbook-list");
    let after = files(&with_lookbook(), workspace.path()).unwrap();
    let mut stale_now = stale(&after, workspace.path()).unwrap();
    stale_now.sort();
    assert_eq!(
        stale_now,
        [
            "Cargo.toml is stale",
            "docs/openapi.json is stale",
            "events/lookbook-list.json is missing",
            "functions/ops/src/table.rs is stale",
            "infra/sam/catalog.yaml is stale",
        ]
    );

    write(&after, workspace.path()).unwrap();
    assert!(stale(&after, workspace.path()).unwrap().is_empty(), "writing mends it");
    let taken_away = files(&before, workspace.path()).unwrap();
    assert!(
        stale(&taken_away, workspace.path())
            .unwrap()
            .contains(&"events/lookbook-list.json belongs to nothing any more".to_owned())
    );
    write(&taken_away, workspace.path()).unwrap();
    assert!(!workspace.path().join("events/lookbook-list.json").exists());
}

#[test]
fn a_service_that_is_added_makes_the_root_template_stale() {
    let before = Catalogue::of_the_shop();
    let workspace = a_workspace(&before);
    write(&files(&before, workspace.path()).unwrap(), workspace.path()).unwrap();
    static ELSEWHERE: Route = a_route("lookbook", "lookbook-list", "/api/v1/lookbook");
    let mut after = Catalogue::of_the_shop();
    after.endpoints.push(Endpoint { route: &ELSEWHERE, spec: || Spec::new("The lookbook.") });
    add_binary(workspace.path(), "lookbook", "lookbook-list");
    let stale = stale(&files(&after, workspace.path()).unwrap(), workspace.path()).unwrap();
    assert!(stale.contains(&"template.yaml is stale".to_owned()), "{stale:?}");
    assert!(stale.contains(&"infra/sam/lookbook.yaml is missing".to_owned()), "{stale:?}");
}

#[test]
fn a_persons_lines_of_the_manifest_are_left_alone() {
    let catalogue = Catalogue::of_the_shop();
    let workspace = a_workspace(&catalogue);
    let path = workspace.path().join("Cargo.toml");
    let mine = fs::read_to_string(&path).unwrap() + "\n[workspace.metadata.mine]\nkept = true\n";
    fs::write(&path, &mine).unwrap();
    assert_eq!(of(&files(&catalogue, workspace.path()).unwrap(), "Cargo.toml"), mine);
    let after = files(&with_lookbook(), workspace.path());
    assert!(after.unwrap_err().contains("write functions/catalog/src/bin/lookbook-list.rs"));
}

#[test]
fn wrong_declarations_are_named_all_at_once() {
    static TWICE: Route = a_route("catalog", "products", "/api/v1/products");
    static SLOW: Worker = Worker {
        name: "search-slow",
        service: "workers",
        summary: "Slower than its queue is patient",
        job: Job::Queue { queue: &queues::SEARCH, batch: 11, handler: |_, _| Box::pin(async { Vec::new() }) },
        needs: &[],
        memory_mb: 128,
        timeout_s: 900,
    };
    let mut catalogue = Catalogue::of_the_shop();
    catalogue.endpoints.push(Endpoint { route: &TWICE, spec: || Spec::new("") });
    catalogue.workers.push(&SLOW);
    let mistakes = files(&catalogue, &root()).unwrap_err();
    for mistake in [
        "products is no function's name",
        "products has no binary",
        "GET /api/v1/products is declared twice",
        "search-slow may run longer than a message of search is hidden",
        "search-slow takes 11 messages at once",
    ] {
        assert!(mistakes.contains(mistake), "{mistake} is not in: {mistakes}");
    }
}

/// Actions in the order of a function's resources, from the text of its role.
fn allowed(template: &str, role: &str) -> BTreeSet<String> {
    let begin = template.find(&format!("\n  {role}:\n")).unwrap_or_else(|| panic!("no {role}"));
    let role = &template[begin + 3..];
    let role = &role[..role.find("\n\n").unwrap_or(role.len())];
    let services = ["dynamodb:", "sqs:", "s3:", "secretsmanager:", "logs:"];
    let word = |c: char| !c.is_ascii_alphanumeric() && c != ':';
    let action = |word: &&str| services.iter().any(|service| word.starts_with(service)) && !word.ends_with(':');
    role.split(word).filter(action).map(str::to_owned).collect()
}

const LOGS: [&str; 2] = ["logs:CreateLogStream", "logs:PutLogEvents"];

#[test]
fn a_function_may_do_what_it_declares_and_nothing_else() {
    let files = files(&Catalogue::of_the_shop(), &root()).unwrap();
    let expect = |service: &str, role: &str, actions: &[&str]| {
        let expected: BTreeSet<String> = actions.iter().chain(&LOGS).map(|action| (*action).to_owned()).collect();
        assert_eq!(allowed(&of(&files, &format!("infra/sam/{service}.yaml")), role), expected, "{role}");
    };
    expect("ops", "HealthLiveRole", &[]);
    expect("ops", "NotFoundRole", &[]);
    expect("ops", "HealthReadyRole", &["dynamodb:GetItem", "sqs:GetQueueAttributes", "s3:ListBucket"]);
    expect("catalog", "ProductsGetRole", &["dynamodb:GetItem", "dynamodb:Query"]);
    expect(
        "catalog",
        "ProductsListRole",
        &["dynamodb:GetItem", "dynamodb:Query", "s3:GetObject", "s3:ListBucket", "secretsmanager:GetSecretValue"],
    );
    expect(
        "catalog",
        "ProductsCreateRole",
        &[
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
            "secretsmanager:GetSecretValue",
            "sqs:SendMessage",
        ],
    );
    expect(
        "workers",
        "OutboxSweeperRole",
        &["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem", "sqs:SendMessage"],
    );
    expect(
        "workers",
        "SearchIndexerRole",
        &[
            "dynamodb:BatchGetItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
            "s3:DeleteObject",
            "s3:GetObject",
            "s3:ListBucket",
            "s3:PutObject",
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
            "sqs:SendMessage",
        ],
    );
}

#[test]
fn no_right_is_given_on_everything() {
    for file in files(&Catalogue::of_the_shop(), &root()).unwrap().iter().filter(|file| file.path.ends_with(".yaml")) {
        let wide = |line: &&str| line.trim() == "Resource: \"*\"" || line.contains("Action: \"*\"");
        assert_eq!(file.text.lines().find(wide), None, "{}", file.path);
    }
}

/// CloudFormation's limit, with room for what SAM adds to a schedule.
#[test]
fn a_stack_stays_below_five_hundred_resources() {
    for file in files(&Catalogue::of_the_shop(), &root()).unwrap().iter().filter(|file| file.path.ends_with(".yaml")) {
        let resources = file.text.split("\nResources:\n").nth(1).unwrap().split("\nOutputs:").next().unwrap();
        let ids = resources.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")).count();
        assert!((1..450).contains(&ids), "{} has {ids}", file.path);
        assert!(file.text.len() < 1_000_000, "{} is more than CloudFormation takes", file.path);
    }
}

#[test]
fn a_fifo_queue_gets_no_batching_window_and_every_queue_has_dead_letters_and_an_alarm() {
    let files = files(&Catalogue::of_the_shop(), &root()).unwrap();
    assert!(files.iter().all(|file| !file.text.contains("MaximumBatchingWindowInSeconds")));
    let root = of(&files, "template.yaml");
    assert!(root.contains("RedrivePolicy: { deadLetterTargetArn: !GetAtt SearchDeadLetters.Arn, maxReceiveCount: 5 }"));
    assert!(root.contains("\n  SearchDeadLettersAlarm:\n"));
    assert!(of(&files, "infra/sam/workers.yaml").contains("FunctionResponseTypes: [ReportBatchItemFailures]"));
}

fn visit<'a>(value: &'a Value, see: &mut dyn FnMut(&'a Value)) {
    see(value);
    match value {
        Value::Object(entries) => entries.values().for_each(|value| visit(value, see)),
        Value::Array(items) => items.iter().for_each(|value| visit(value, see)),
        _ => {}
    }
}

#[test]
fn every_reference_of_the_openapi_document_resolves_and_every_schema_is_used() {
    let document = json(&files(&Catalogue::of_the_shop(), &root()).unwrap(), "docs/openapi.json");
    assert_eq!(document["openapi"], "3.1.0");
    let mut used = BTreeSet::new();
    visit(&document, &mut |value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let pointer = reference.strip_prefix('#').expect("a reference inside the document");
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
            used.insert(pointer.to_owned());
        }
    });
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(used.contains(&format!("/components/schemas/{name}")), "nothing uses {name}");
    }
}

#[test]
fn the_openapi_document_tells_what_every_route_takes_and_answers() {
    let document = json(&files(&Catalogue::of_the_shop(), &root()).unwrap(), "docs/openapi.json");
    let paths = &document["paths"];
    let ids: BTreeSet<_> = Catalogue::of_the_shop().api().iter().map(|endpoint| endpoint.route.name).collect();
    let mut told = BTreeSet::new();
    for operation in paths.as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values()) {
        told.insert(operation["operationId"].as_str().unwrap());
        assert!(operation["responses"]["503"]["content"]["application/problem+json"].is_object());
        let takes = |parameter: &str| {
            let reference = format!("#/components/parameters/{parameter}");
            operation["parameters"].as_array().unwrap().iter().any(|given| given["$ref"] == reference.as_str())
        };
        let (wants, answers) = (takes("RequiredIfMatch"), |status: &str| operation["responses"][status].is_object());
        assert_eq!(wants, answers("428"), "{operation}");
        assert!(!answers("412") || wants || takes("IfMatch"), "{operation}");
    }
    assert_eq!(told, ids);

    let create = &paths["/api/v1/products"]["post"];
    assert_eq!(create["security"][0]["bearer"], serde_json::json!([]));
    assert!(create["parameters"].to_string().contains("IdempotencyKey"));
    let unauthorized = create["responses"]["401"]["content"]["application/problem+json"]["schema"].to_string();
    assert!(unauthorized.contains("token_expired"), "{unauthorized}");
    let get = &paths["/api/v1/products/{id}"]["get"];
    assert_eq!(get["security"], serde_json::json!([]));
    assert!(get["responses"]["304"].is_object() && get["responses"]["404"].is_object());
}

#[test]
fn the_sample_events_read_as_what_they_stand_for() {
    let files = files(&Catalogue::of_the_shop(), &root()).unwrap();
    let request = json(&files, "events/products-create.json");
    let body: ProductInput = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
    NewProduct::parse(body).expect("a product the shop takes");
    let read = json(&files, "events/products-get.json");
    assert_eq!(read["rawPath"], format!("/api/v1/products/{}", read["pathParameters"]["id"].as_str().unwrap()));
    let records = json(&files, "events/search-indexer.json");
    let event: Event = serde_json::from_str(records["Records"][0]["body"].as_str().unwrap()).unwrap();
    assert_eq!(event.kind.queues(), [&queues::SEARCH]);
    assert_eq!(json(&files, "events/outbox-sweeper.json")["detail-type"], "Scheduled Event");
    assert_eq!(json(&files, "events/not-found.json")["routeKey"], "$default");
}

#[test]
fn the_router_sends_each_method_to_its_function() {
    let manifest = of(&files(&Catalogue::of_the_shop(), &root()).unwrap(), "Cargo.toml");
    let expected = r#""/api/v1/products" = [{ method = "GET", function = "products-list" }, { method = "POST", function = "products-create" }]"#;
    assert!(manifest.contains(expected), "{manifest}");
    assert!(!manifest.contains("\"$default\""));
}
