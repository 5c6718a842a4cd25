//! Blobs in S3. A replacement under a condition is S3's own: If-Match and If-None-Match.

use std::sync::Arc;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_types::error::display::DisplayErrorContext;
use bharatmart_core::ports::{Blob, Blobs, Etag, Fault, PutRefused};
use bytes::Bytes;

use super::{PORT, check};
use crate::aws::{Failed, call, once};
use crate::budget;
use crate::dependency::{Dependency, Depends};

const NOT_MODIFIED: u16 = 304;

pub struct S3Blobs {
    client: Client,
    bucket: String,
    dependency: Arc<Dependency>,
}

impl S3Blobs {
    /// Nobody is called before the first blob.
    pub fn new(config: &SdkConfig, bucket: impl Into<String>) -> Self {
        // An emulator has no host name a bucket.
        let by_path = config.endpoint_url().is_some();
        let config = aws_sdk_s3::config::Builder::from(config).force_path_style(by_path).build();
        let dependency = Arc::new(Dependency::new("s3", PORT));
        S3Blobs { client: Client::from_conf(config), bucket: bucket.into(), dependency }
    }

    /// `None` when there is no such blob, or its content is the one that was seen.
    async fn read(&self, key: &str, seen: Option<&Etag>) -> Result<Option<Blob>, Fault> {
        check(key)?;
        let get = || {
            let get = self.client.get_object().bucket(&self.bucket).key(key);
            get.set_if_none_match(seen.map(|seen| seen.0.clone())).send()
        };
        let got = match call(&self.dependency, get).await {
            Ok(got) => got,
            Err(Failed::Told(_, NOT_MODIFIED)) => return Ok(None),
            Err(Failed::Told(error, _)) if told(&error, &["NoSuchKey"]) => return Ok(None),
            Err(failed) => return Err(fault(failed)),
        };
        let etag = named(got.e_tag)?;
        match self.dependency.ask(budget::remaining(), got.body.collect(), Result::is_err).await? {
            Ok(bytes) => Ok(Some(Blob { bytes: bytes.into_bytes().into(), etag })),
            Err(error) => Err(Fault::away(PORT, DisplayErrorContext(error))),
        }
    }

    fn putting(&self, key: &str, bytes: &Bytes) -> PutObjectFluentBuilder {
        self.client.put_object().bucket(&self.bucket).key(key).body(ByteStream::from(bytes.clone()))
    }
}

#[async_trait]
impl Blobs for S3Blobs {
    async fn get(&self, key: &str) -> Result<Option<Blob>, Fault> {
        self.read(key, None).await
    }

    async fn get_newer(&self, key: &str, seen: &Etag) -> Result<Option<Blob>, Fault> {
        self.read(key, Some(seen)).await
    }

    async fn put(&self, key: &str, bytes: Vec<u8>, content_type: &str) -> Result<Etag, Fault> {
        check(key)?;
        let bytes = Bytes::from(bytes);
        let put = || self.putting(key, &bytes).content_type(content_type).send();
        named(call(&self.dependency, put).await.map_err(fault)?.e_tag)
    }

    /// Not repeated when its answer is lost: the repetition would find our own content, and call it changed.
    async fn put_if(&self, key: &str, bytes: Vec<u8>, seen: Option<&Etag>) -> Result<Etag, PutRefused> {
        check(key)?;
        let bytes = Bytes::from(bytes);
        let put = || {
            let put = self.putting(key, &bytes);
            match seen {
                Some(seen) => put.if_match(&seen.0).send(),
                None => put.if_none_match("*").send(),
            }
        };
        match once(&self.dependency, put).await {
            Ok(answer) => Ok(named(answer.e_tag)?),
            Err(Failed::Told(error, _)) if told(&error, &["PreconditionFailed", "NoSuchKey"]) => {
                Err(PutRefused::Changed)
            }
            Err(failed) => Err(fault(failed).into()),
        }
    }

    async fn delete(&self, key: &str) -> Result<(), Fault> {
        check(key)?;
        let delete = || self.client.delete_object().bucket(&self.bucket).key(key).send();
        call(&self.dependency, delete).await.map(|_| ()).map_err(fault)
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, Fault> {
        let mut keys = Vec::new();
        let mut next = None;
        loop {
            let list = || {
                let list = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
                list.set_continuation_token(next.clone()).send()
            };
            let page = call(&self.dependency, list).await.map_err(fault)?;
            keys.extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key));
            next = page.next_continuation_token;
            if next.is_none() {
                return Ok(keys);
            }
        }
    }

    async fn probe(&self) -> Result<(), Fault> {
        let head = || self.client.head_bucket().bucket(&self.bucket).send();
        call(&self.dependency, head).await.map(|_| ()).map_err(fault)
    }
}

impl Depends for S3Blobs {
    fn dependency(&self) -> &Arc<Dependency> {
        &self.dependency
    }
}

fn fault<E: ProvideErrorMetadata>(failed: Failed<E>) -> Fault {
    failed.into_fault(PORT)
}

fn told(error: &impl ProvideErrorMetadata, codes: &[&str]) -> bool {
    error.code().is_some_and(|code| codes.contains(&code))
}

fn named(etag: Option<String>) -> Result<Etag, Fault> {
    etag.map(Etag).ok_or_else(|| Fault::broken(PORT, "S3 named no etag"))
}
