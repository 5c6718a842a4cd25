//! Secrets: found by name, rotated without a restart where the source can, and there while the source is away.

use std::sync::Arc;
use std::time::Duration;

use bharatmart_adapters::secrets::{EnvSecrets, FallbackSecrets, SecretsManagerSecrets};
use bharatmart_core::ports::{Fault, Secrets};
use bharatmart_tests::{eventually, on_every};

use worlds::{Door, SecretsWorld};

on_every!(crate::secrets::worlds: environment, secrets_manager => [
    a_secret_is_found_by_its_name,
    a_secret_that_is_not_there_is_none,
    a_secret_that_is_rotated_is_seen_once_the_old_one_is_forgotten,
    a_secret_does_not_show_itself,
]);

async fn text(secrets: &dyn Secrets, name: &str) -> Option<String> {
    secrets.secret(name).await.expect("the source is there").map(|secret| secret.reveal().to_owned())
}

async fn a_secret_is_found_by_its_name(mut world: SecretsWorld) {
    world.put("auth-token-key", "first").await;
    world.put("payments-webhook", "other").await;
    let secrets = world.secrets();
    assert_eq!(text(&*secrets, "auth-token-key").await.as_deref(), Some("first"));
    assert_eq!(text(&*secrets, "payments-webhook").await.as_deref(), Some("other"));
}

async fn a_secret_that_is_not_there_is_none(mut world: SecretsWorld) {
    assert_eq!(text(&*world.secrets(), "auth-token-key").await, None);
    world.put("auth-token-key", "first").await;
    assert_eq!(text(&*world.secrets(), "auth-token-key").await.as_deref(), Some("first"));
}

async fn a_secret_that_is_rotated_is_seen_once_the_old_one_is_forgotten(mut world: SecretsWorld) {
    world.put("auth-token-key", "first").await;
    let secrets = world.secrets();
    assert_eq!(text(&*secrets, "auth-token-key").await.as_deref(), Some("first"));
    world.put("auth-token-key", "second").await;
    secrets.forget("auth-token-key");
    assert_eq!(text(&*world.secrets(), "auth-token-key").await.as_deref(), Some("second"));
}

async fn a_secret_does_not_show_itself(mut world: SecretsWorld) {
    world.put("auth-token-key", "first").await;
    let secret = world.secrets().secret("auth-token-key").await.expect("the source is there");
    assert!(!format!("{secret:?}").contains("first"));
}

#[tokio::test]
async fn a_rotated_secret_is_seen_in_time_by_itself() {
    let (source, secrets) = remembering(Duration::from_millis(50)).await;
    source.put("auth-token-key", "first").await;
    assert_eq!(text(&secrets, "auth-token-key").await.as_deref(), Some("first"));
    source.put("auth-token-key", "second").await;
    eventually("the new value is seen", || async {
        text(&secrets, "auth-token-key").await.as_deref() == Some("second")
    })
    .await;
}

#[tokio::test]
async fn a_secret_is_asked_for_once_while_it_is_remembered() {
    let (source, secrets) = remembering(Duration::from_secs(60)).await;
    source.put("auth-token-key", "first").await;
    assert_eq!(text(&secrets, "auth-token-key").await.as_deref(), Some("first"));
    source.put("auth-token-key", "second").await;
    assert_eq!(text(&secrets, "auth-token-key").await.as_deref(), Some("first"));
}

#[tokio::test]
async fn a_known_secret_is_returned_while_the_source_is_away() {
    let source = worlds::source().await;
    source.put("auth-token-key", "first").await;
    source.put("payments-webhook", "other").await;
    let door = Door::to_the_emulator().await;
    let secrets = source.reached_by(&door.url).remembering_for(Duration::ZERO);
    assert_eq!(text(&secrets, "auth-token-key").await.as_deref(), Some("first"));
    door.close().await;
    assert_eq!(text(&secrets, "auth-token-key").await.as_deref(), Some("first"));
    let unknown = secrets.secret("payments-webhook").await;
    assert!(matches!(unknown, Err(Fault::Away { .. })), "{unknown:?}");
}

#[tokio::test]
async fn a_secret_that_was_forgotten_is_returned_while_the_source_is_away() {
    let source = worlds::source().await;
    source.put("auth-token-key", "first").await;
    let door = Door::to_the_emulator().await;
    let secrets = source.reached_by(&door.url).remembering_for(Duration::from_secs(60));
    assert_eq!(text(&secrets, "auth-token-key").await.as_deref(), Some("first"));
    door.close().await;
    for _ in 0..2 {
        secrets.forget("auth-token-key");
        assert_eq!(text(&secrets, "auth-token-key").await.as_deref(), Some("first"));
    }
}

#[tokio::test]
async fn where_it_is_allowed_the_environment_has_what_secrets_manager_has_not() {
    let source = worlds::source().await;
    source.put("auth-token-key", "from the manager").await;
    let variables = [("SECRET_AUTH_TOKEN_KEY", "from here"), ("SECRET_ONLY_HERE", "from here"), ("SECRET_EMPTY", "")];
    let environment = EnvSecrets::new(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let door = Door::to_the_emulator().await;
    let secrets = FallbackSecrets::new(Arc::new(source.reached_by(&door.url)), environment);
    assert_eq!(text(&secrets, "auth-token-key").await.as_deref(), Some("from the manager"));
    assert_eq!(text(&secrets, "only-here").await.as_deref(), Some("from here"));
    assert_eq!(text(&secrets, "empty").await, None);
    door.close().await;
    assert_eq!(text(&secrets, "only-here").await.as_deref(), Some("from here"));
    assert!(secrets.secret("nowhere").await.is_err(), "nobody knows whether Secrets Manager has it");
}

async fn remembering(time: Duration) -> (worlds::Source, SecretsManagerSecrets) {
    let source = worlds::source().await;
    let secrets = source.reached().remembering_for(time);
    (source, secrets)
}

mod worlds {
    use std::collections::BTreeMap;

    use aws_config::SdkConfig;
    use aws_sdk_secretsmanager::Client;
    use bharatmart_tests::servers::{aws, aws_endpoint, unique_name};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::task::JoinSet;

    use super::*;

    #[allow(clippy::large_enum_variant, reason = "a test has one of them")]
    pub(super) enum SecretsWorld {
        /// The variables a process would be started with.
        Environment(BTreeMap<String, String>),
        Manager(Source, Arc<SecretsManagerSecrets>),
    }

    impl SecretsWorld {
        pub(super) async fn put(&mut self, name: &str, value: &str) {
            match self {
                SecretsWorld::Environment(variables) => {
                    variables.insert(EnvSecrets::variable(name), value.to_owned());
                }
                SecretsWorld::Manager(source, _) => source.put(name, value).await,
            }
        }

        /// As the process sees them; a changed environment is that of a new process.
        pub(super) fn secrets(&self) -> Arc<dyn Secrets> {
            match self {
                SecretsWorld::Environment(variables) => Arc::new(EnvSecrets::new(variables.clone())),
                SecretsWorld::Manager(_, secrets) => secrets.clone(),
            }
        }
    }

    pub(super) async fn environment() -> SecretsWorld {
        SecretsWorld::Environment(BTreeMap::from([("PATH".to_owned(), "/bin".to_owned())]))
    }

    pub(super) async fn secrets_manager() -> SecretsWorld {
        let source = source().await;
        let secrets = Arc::new(source.reached());
        SecretsWorld::Manager(source, secrets)
    }

    /// Secrets Manager, as whoever rotates secrets sees it.
    pub(super) struct Source {
        client: Client,
        config: SdkConfig,
        prefix: String,
    }

    pub(super) async fn source() -> Source {
        let config = aws().await;
        Source { client: Client::new(&config), config, prefix: format!("{}/", unique_name()) }
    }

    impl Source {
        pub(super) async fn put(&self, name: &str, value: &str) {
            let id = format!("{}{name}", self.prefix);
            let rotated = self.client.put_secret_value().secret_id(&id).secret_string(value).send().await;
            if rotated.is_err() {
                let created = self.client.create_secret().name(&id).secret_string(value).send().await;
                created.expect("the emulator makes a secret");
            }
        }

        pub(super) fn reached(&self) -> SecretsManagerSecrets {
            SecretsManagerSecrets::new(&self.config, self.prefix.as_str())
        }

        pub(super) fn reached_by(&self, url: &str) -> SecretsManagerSecrets {
            let config = self.config.to_builder().endpoint_url(url).build();
            SecretsManagerSecrets::new(&config, self.prefix.as_str())
        }
    }

    /// A way to the emulator that can be closed.
    pub(super) struct Door {
        pub(super) url: String,
        open: JoinSet<()>,
    }

    impl Door {
        pub(super) async fn to_the_emulator() -> Door {
            let emulator = aws_endpoint().await.trim_start_matches("http://").to_owned();
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            let url = format!("http://{}", listener.local_addr().expect("bound"));
            let mut open = JoinSet::new();
            open.spawn(async move {
                let mut passing = JoinSet::new();
                while let Ok((mut from, _)) = listener.accept().await {
                    let emulator = emulator.clone();
                    passing.spawn(async move {
                        if let Ok(mut to) = TcpStream::connect(emulator).await {
                            let _ = tokio::io::copy_bidirectional(&mut from, &mut to).await;
                        }
                    });
                }
            });
            Door { url, open }
        }

        /// Who is inside is thrown out, too.
        pub(super) async fn close(mut self) {
            self.open.shutdown().await;
        }
    }
}
