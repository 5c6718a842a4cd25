//! What a shop on the emulator stands on, beside tables and queues: a bucket and secrets.

use aws_config::SdkConfig;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};

use crate::servers::unique_name;

/// A new bucket, empty; answers its name.
pub async fn bucket(config: &SdkConfig) -> String {
    let bucket = unique_name().replace('_', "-");
    let by_path = aws_sdk_s3::config::Builder::from(config).force_path_style(true).build();
    let region = config.region().map(|region| BucketLocationConstraint::from(region.as_ref()));
    let place = CreateBucketConfiguration::builder().set_location_constraint(region).build();
    let client = aws_sdk_s3::Client::from_conf(by_path);
    let create = client.create_bucket().bucket(&bucket).create_bucket_configuration(place);
    create.send().await.expect("the emulator makes a bucket");
    bucket
}

/// A new secret under this name.
pub async fn secret(config: &SdkConfig, name: &str, value: &str) {
    let client = aws_sdk_secretsmanager::Client::new(config);
    client.create_secret().name(name).secret_string(value).send().await.expect("the emulator keeps a secret");
}
