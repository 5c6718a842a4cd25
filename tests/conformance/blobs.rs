//! Blobs: replaced as a whole, under a condition when asked, and polled cheaply.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bharatmart_core::ports::{Blobs, Etag, Fault, PutRefused};
use bharatmart_tests::on_every;
use futures_util::future::join_all;

use worlds::BlobsWorld;

on_every!(crate::blobs::worlds: files, s3 => [
    a_blob_is_read_as_it_was_put,
    a_blob_that_is_not_there_is_none,
    a_put_replaces_the_blob_and_names_another_content,
    one_content_has_one_name,
    polling_brings_a_content_only_once,
    a_conditional_put_is_refused_when_the_blob_has_changed,
    a_conditional_put_of_a_new_blob_is_refused_when_there_is_one,
    of_twenty_conditional_puts_at_once_one_wins,
    no_conditional_replacement_is_lost_among_writers_at_once,
    a_reader_sees_the_old_content_or_the_new,
    keys_are_listed_under_a_prefix_in_order,
    a_key_may_go_on_where_another_ends,
    a_deleted_blob_is_gone_and_deleting_again_does_nothing,
    a_key_that_leads_elsewhere_is_refused,
    a_large_blob_comes_whole,
    the_probe_answers,
]);

const TEXT: &str = "text/plain";

async fn put(blobs: &dyn Blobs, key: &str, text: &str) -> Etag {
    blobs.put(key, text.as_bytes().to_vec(), TEXT).await.expect("a put")
}

async fn text(blobs: &dyn Blobs, key: &str) -> Option<String> {
    let blob = blobs.get(key).await.expect("a get")?;
    Some(String::from_utf8(blob.bytes).expect("text"))
}

async fn a_blob_is_read_as_it_was_put(world: BlobsWorld) {
    let etag = put(&*world.blobs, "search/main/current.json", "{}").await;
    let blob = world.again().get("search/main/current.json").await.expect("a get").expect("a blob");
    assert_eq!((blob.bytes.as_slice(), blob.etag), (&b"{}"[..], etag));
}

async fn a_blob_that_is_not_there_is_none(world: BlobsWorld) {
    assert_eq!(world.blobs.get("a/b").await.expect("a get"), None);
    let seen = Etag("\"d41d8cd98f00b204e9800998ecf8427e\"".to_owned());
    assert_eq!(world.blobs.get_newer("a/b", &seen).await.expect("a get"), None);
    assert_eq!(world.blobs.list("a/").await.expect("a list"), Vec::<String>::new());
}

async fn a_put_replaces_the_blob_and_names_another_content(world: BlobsWorld) {
    let (first, second) = (put(&*world.blobs, "a", "first").await, put(&*world.blobs, "a", "second, longer").await);
    assert_ne!(first, second);
    assert_eq!(text(&*world.blobs, "a").await.as_deref(), Some("second, longer"));
    let third = put(&*world.blobs, "a", "").await;
    assert_ne!(second, third);
    assert_eq!(text(&*world.again(), "a").await.as_deref(), Some(""));
}

async fn one_content_has_one_name(world: BlobsWorld) {
    let first = put(&*world.blobs, "a", "same").await;
    put(&*world.blobs, "a", "other").await;
    assert_eq!(put(&*world.again(), "a", "same").await, first);
}

async fn polling_brings_a_content_only_once(world: BlobsWorld) {
    let (here, there) = (world.again(), world.again());
    let first = put(&*here, "a", "first").await;
    assert_eq!(there.get_newer("a", &first).await.expect("a poll"), None);
    assert_eq!(here.get_newer("a", &first).await.expect("a poll"), None);
    let second = put(&*there, "a", "secnd").await;
    for blobs in [&here, &there] {
        let newer = blobs.get_newer("a", &first).await.expect("a poll").expect("something newer");
        assert_eq!((newer.bytes.as_slice(), &newer.etag), (&b"secnd"[..], &second));
        assert_eq!(blobs.get_newer("a", &second).await.expect("a poll"), None);
    }
}

async fn a_conditional_put_is_refused_when_the_blob_has_changed(world: BlobsWorld) {
    let blobs = &world.blobs;
    let first = put(&**blobs, "a", "first").await;
    let second = blobs.put_if("a", b"second".to_vec(), Some(&first)).await.expect("unchanged so far");
    let late = world.again().put_if("a", b"late".to_vec(), Some(&first)).await;
    assert!(matches!(late, Err(PutRefused::Changed)), "{late:?}");
    assert_eq!(text(&**blobs, "a").await.as_deref(), Some("second"));
    blobs.delete("a").await.expect("a delete");
    let gone = blobs.put_if("a", b"late".to_vec(), Some(&second)).await;
    assert!(matches!(gone, Err(PutRefused::Changed)), "{gone:?}");
    assert_eq!(text(&**blobs, "a").await, None);
}

async fn a_conditional_put_of_a_new_blob_is_refused_when_there_is_one(world: BlobsWorld) {
    world.blobs.put_if("a", b"first".to_vec(), None).await.expect("nothing is there yet");
    let second = world.again().put_if("a", b"second".to_vec(), None).await;
    assert!(matches!(second, Err(PutRefused::Changed)), "{second:?}");
    assert_eq!(text(&*world.blobs, "a").await.as_deref(), Some("first"));
}

async fn of_twenty_conditional_puts_at_once_one_wins(world: BlobsWorld) {
    let first = put(&*world.blobs, "a", "first").await;
    let puts = (0..20).map(|nth: u8| {
        let (blobs, first) = (world.again(), first.clone());
        tokio::spawn(async move { blobs.put_if("a", vec![b'a' + nth], Some(&first)).await })
    });
    let done: Vec<_> = join_all(puts).await.into_iter().map(|put| put.expect("no panic")).collect();
    let won = done.iter().filter(|put| put.is_ok()).count();
    let changed = done.iter().filter(|put| matches!(put, Err(PutRefused::Changed))).count();
    assert_eq!((won, changed), (1, 19), "{done:?}");
}

async fn no_conditional_replacement_is_lost_among_writers_at_once(world: BlobsWorld) {
    put(&*world.blobs, "count", "0").await;
    let writers = (0..4).map(|_| {
        let blobs = world.again();
        tokio::spawn(async move {
            let mut added = 0;
            while added < 5 {
                let blob = blobs.get("count").await.expect("a get").expect("the count");
                let count: u32 = String::from_utf8_lossy(&blob.bytes).parse().expect("a number");
                match blobs.put_if("count", (count + 1).to_string().into_bytes(), Some(&blob.etag)).await {
                    Ok(_) => added += 1,
                    Err(PutRefused::Changed) => {}
                    Err(PutRefused::Fault(fault)) => panic!("{fault}"),
                }
            }
        })
    });
    join_all(writers).await.into_iter().for_each(|writer| writer.expect("no panic"));
    assert_eq!(text(&*world.blobs, "count").await.as_deref(), Some("20"));
}

async fn a_reader_sees_the_old_content_or_the_new(world: BlobsWorld) {
    let content = |nth: u8| vec![nth; 200_000 + usize::from(nth)];
    world.blobs.put("a", content(0), TEXT).await.expect("a put");
    let written = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (blobs, written) = (world.again(), written.clone());
        async move {
            while !written.load(Ordering::Acquire) {
                let bytes = blobs.get("a").await.expect("a get").expect("it is always there").bytes;
                let nth = bytes[0];
                assert_eq!(bytes, vec![nth; 200_000 + usize::from(nth)]);
            }
        }
    });
    for nth in 1..20 {
        world.blobs.put("a", content(nth), TEXT).await.expect("a put");
    }
    written.store(true, Ordering::Release);
    reader.await.expect("each content was whole");
}

async fn keys_are_listed_under_a_prefix_in_order(world: BlobsWorld) {
    for key in ["b/2", "b/10", "a", "b/1/x", "bb", "c/1"] {
        put(&*world.blobs, key, key).await;
    }
    let list = async |prefix: &str| world.blobs.list(prefix).await.expect("a list");
    assert_eq!(list("b/").await, ["b/1/x", "b/10", "b/2"]);
    assert_eq!(list("b").await, ["b/1/x", "b/10", "b/2", "bb"]);
    assert_eq!(list("").await, ["a", "b/1/x", "b/10", "b/2", "bb", "c/1"]);
}

async fn a_key_may_go_on_where_another_ends(world: BlobsWorld) {
    for key in ["a/b/c", "a", "a/b"] {
        put(&*world.blobs, key, key).await;
    }
    for key in ["a", "a/b", "a/b/c"] {
        assert_eq!(text(&*world.blobs, key).await.as_deref(), Some(key));
    }
}

async fn a_deleted_blob_is_gone_and_deleting_again_does_nothing(world: BlobsWorld) {
    let etag = put(&*world.blobs, "a", "first").await;
    world.blobs.delete("a").await.expect("a delete");
    world.blobs.delete("a").await.expect("a delete");
    assert_eq!(text(&*world.blobs, "a").await, None);
    assert_eq!(world.blobs.get_newer("a", &etag).await.expect("a poll"), None);
    assert_eq!(world.blobs.list("").await.expect("a list"), Vec::<String>::new());
}

async fn a_key_that_leads_elsewhere_is_refused(world: BlobsWorld) {
    for key in ["", "/etc/passwd", "../a", "a/../../b", "a//b", "a/", "./a", "a\\b", "a b", "a\0"] {
        let put = world.blobs.put(key, vec![1], TEXT).await;
        assert!(matches!(put, Err(Fault::Broken { .. })), "put {key:?}: {put:?}");
        assert!(world.blobs.get(key).await.is_err(), "get {key:?}");
        assert!(world.blobs.put_if(key, vec![1], None).await.is_err(), "put_if {key:?}");
        assert!(world.blobs.delete(key).await.is_err(), "delete {key:?}");
    }
}

async fn a_large_blob_comes_whole(world: BlobsWorld) {
    let bytes: Vec<u8> = (0..8_000_000_u32).map(|nth| (nth % 251) as u8).collect();
    world.blobs.put("large", bytes.clone(), "application/octet-stream").await.expect("a put");
    let blob = world.again().get("large").await.expect("a get").expect("the blob");
    assert!(blob.bytes == bytes);
}

async fn the_probe_answers(world: BlobsWorld) {
    world.blobs.probe().await.expect("it is there");
    assert!(world.elsewhere().probe().await.is_err(), "there is nothing");
}

pub(crate) mod worlds {
    use aws_config::SdkConfig;
    use aws_sdk_s3::Client;
    use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
    use bharatmart_adapters::blobs::{FileBlobs, S3Blobs};
    use bharatmart_tests::servers::{aws, unique_name};
    use tempfile::TempDir;

    use super::*;

    pub(crate) struct BlobsWorld {
        pub(crate) blobs: Arc<dyn Blobs>,
        place: Place,
    }

    #[allow(clippy::large_enum_variant, reason = "a test has one of them")]
    enum Place {
        Folder(TempDir),
        Bucket(SdkConfig, String),
    }

    impl BlobsWorld {
        /// The same blobs, as another process would open them.
        pub(super) fn again(&self) -> Arc<dyn Blobs> {
            match &self.place {
                Place::Folder(folder) => Arc::new(FileBlobs::open(folder.path()).expect("a folder")),
                Place::Bucket(config, bucket) => Arc::new(S3Blobs::new(config, bucket.as_str())),
            }
        }

        /// A place that is not there.
        pub(super) fn elsewhere(self) -> Arc<dyn Blobs> {
            match self.place {
                Place::Folder(folder) => {
                    folder.close().expect("the folder is removed");
                    self.blobs
                }
                Place::Bucket(config, bucket) => Arc::new(S3Blobs::new(&config, format!("{bucket}-not"))),
            }
        }
    }

    pub(crate) async fn files() -> BlobsWorld {
        let folder = TempDir::new().expect("a temporary folder");
        let blobs = FileBlobs::open(folder.path()).expect("a folder");
        BlobsWorld { blobs: Arc::new(blobs), place: Place::Folder(folder) }
    }

    pub(crate) async fn s3() -> BlobsWorld {
        let (config, bucket) = (aws().await, unique_name().replace('_', "-"));
        let by_path = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
        let region = config.region().map(|region| BucketLocationConstraint::from(region.as_ref()));
        let place = CreateBucketConfiguration::builder().set_location_constraint(region).build();
        let create = Client::from_conf(by_path).create_bucket().bucket(&bucket).create_bucket_configuration(place);
        create.send().await.expect("the emulator makes a bucket");
        BlobsWorld { blobs: Arc::new(S3Blobs::new(&config, bucket.as_str())), place: Place::Bucket(config, bucket) }
    }
}
