//! Who we are to AWS: the keys of the environment, where Lambda puts those of a function's role. Whoever has none there
//! needs a build with `aws-profiles`; functions are built without it and do not carry its clients.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;

use super::AwsSettings;

pub(super) fn provider(settings: &AwsSettings) -> SharedCredentialsProvider {
    match &settings.keys {
        Some(keys) => {
            let token = keys.session_token.as_ref().map(|token| token.reveal().to_owned());
            let credentials = Credentials::new(&keys.id, keys.secret.reveal(), token, None, "environment");
            SharedCredentialsProvider::new(credentials)
        }
        None => elsewhere::provider(settings),
    }
}

/// What the SDK's default chain finds (profiles, web identity, containers, instances), when it is first asked.
#[cfg(feature = "aws-profiles")]
mod elsewhere {
    use aws_config::Region;
    use aws_config::default_provider::credentials::DefaultCredentialsChain;
    use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
    use tokio::sync::OnceCell;

    use super::AwsSettings;

    pub(super) fn provider(settings: &AwsSettings) -> SharedCredentialsProvider {
        let chain = DefaultChain { region: settings.region.clone(), chain: OnceCell::new() };
        SharedCredentialsProvider::new(chain)
    }

    #[derive(Debug)]
    struct DefaultChain {
        region: String,
        chain: OnceCell<DefaultCredentialsChain>,
    }

    impl ProvideCredentials for DefaultChain {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let build = || DefaultCredentialsChain::builder().region(Region::new(self.region.clone())).build();
            future::ProvideCredentials::new(
                async move { self.chain.get_or_init(build).await.provide_credentials().await },
            )
        }
    }
}

#[cfg(not(feature = "aws-profiles"))]
mod elsewhere {
    use aws_credential_types::provider::error::CredentialsError;
    use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};

    use super::AwsSettings;

    pub(super) fn provider(_: &AwsSettings) -> SharedCredentialsProvider {
        SharedCredentialsProvider::new(Nowhere)
    }

    #[derive(Debug)]
    struct Nowhere;

    impl ProvideCredentials for Nowhere {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let why = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, and this build looks nowhere else";
            future::ProvideCredentials::ready(Err(CredentialsError::not_loaded(why)))
        }
    }
}
