//! What customers were written, where messages are kept as blobs: as JSON for the page and for tests, and one by one as
//! text or as the page it is.

use bharatmart_adapters::messages::{Kept, Looked, kept};
use bharatmart_core::ports::Fault;
use bharatmart_runtime::App;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

const SHOWN: usize = 50;

/// Newest first. `query`: `to=<address or phone>` for those to one customer.
pub async fn list(app: &App, query: Option<&str>) -> Result<Value, Fault> {
    let Some(blobs) = app.ports().blobs else { return Ok(json!([])) };
    let to = query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("to=")));
    // A phone's + may come as it is: nobody writes a space into an address.
    let to = to.map(|to| percent_decode_str(to).decode_utf8_lossy());
    let looked = to.as_deref().map_or(Looked::All, Looked::To);
    Ok(json!(kept(blobs.as_ref(), looked, SHOWN).await?))
}

/// One as a person reads it.
pub async fn text(app: &App, id: &str) -> Option<String> {
    let messages = kept(app.ports().blobs?.as_ref(), Looked::Id(id), 1).await.ok()?;
    let Kept { to, subject, text, at, .. } = messages.into_iter().find(|kept| kept.id == id)?;
    Some(format!("To: {to}\nSubject: {subject}\nDate: {at}\n\n{text}\n"))
}

/// One as it looks to who reads mail as pages; `None` when it is text alone.
pub async fn html(app: &App, id: &str) -> Option<String> {
    let messages = kept(app.ports().blobs?.as_ref(), Looked::Id(id), 1).await.ok()?;
    messages.into_iter().find(|kept| kept.id == id)?.html
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bharatmart_adapters::messages::BlobMessages;
    use bharatmart_adapters::system::System;
    use bharatmart_core::ports::{Channel, Letter, Messages};
    use bharatmart_runtime::Need;
    use bharatmart_runtime::config::Config;

    use super::*;

    async fn shop(folder: &std::path::Path) -> App {
        let settings = [("APP_ENV", "test"), ("DATA_DIR", folder.to_str().unwrap())];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let app = App::open(Arc::new(Config::read(settings.into()).unwrap()), &[Need::PROBES_BLOBS]).await.unwrap();
        let messages = BlobMessages::new(app.ports().blobs.unwrap().clone(), Arc::new(System));
        for (id, to) in [("evt_1", "asha+shop@example.in"), ("evt_2", "+919876543210"), ("evt_3", "ravi@example.in")] {
            let (to, subject, text) = (to.to_owned(), "News".to_owned(), "Of <b>the</b> shop".to_owned());
            messages
                .send(&Letter { id: id.to_owned(), channel: Channel::Email, to, subject, text, html: None })
                .await
                .unwrap();
        }
        app
    }

    #[tokio::test]
    async fn messages_are_shown_newest_first_or_those_to_one_customer() {
        let folder = tempfile::tempdir().unwrap();
        let app = shop(folder.path()).await;
        let ids = async |query| {
            let list = list(&app, query).await.unwrap();
            list.as_array()
                .unwrap()
                .iter()
                .map(|message| message["id"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(None).await, ["evt_3", "evt_2", "evt_1"]);
        for query in ["to=%2B919876543210", "to=+919876543210", "x=1&to=%2b919876543210"] {
            assert_eq!(ids(Some(query)).await, ["evt_2"], "{query}");
        }
        assert_eq!(ids(Some("to=asha%2Bshop@example.in")).await, ["evt_1"]);
        assert!(ids(Some("to=")).await.is_empty());
        let first = &list(&app, None).await.unwrap()[0];
        assert_eq!((&first["channel"], &first["subject"]), (&json!("email"), &json!("News")));
        assert!(first["at"].as_str().unwrap().ends_with('Z'));
    }

    #[tokio::test]
    async fn a_message_that_is_a_page_is_shown_as_one() {
        let folder = tempfile::tempdir().unwrap();
        let app = shop(folder.path()).await;
        let messages = BlobMessages::new(app.ports().blobs.unwrap().clone(), Arc::new(System));
        let page = Letter {
            id: "evt_4".to_owned(),
            channel: Channel::Email,
            to: "asha@example.in".to_owned(),
            subject: "News".to_owned(),
            text: "Of the shop".to_owned(),
            html: Some("<p>Of the shop</p>".to_owned()),
        };
        messages.send(&page).await.unwrap();
        assert_eq!(html(&app, "evt_4").await, page.html);
        assert_eq!((html(&app, "evt_3").await, html(&app, "evt_5").await), (None, None));
    }

    #[tokio::test]
    async fn one_message_is_shown_as_text() {
        let folder = tempfile::tempdir().unwrap();
        let app = shop(folder.path()).await;
        let text = text(&app, "evt_3").await.unwrap();
        assert!(text.starts_with("To: ravi@example.in\nSubject: News\n") && text.ends_with("Of <b>the</b> shop\n"));
        assert_eq!(super::text(&app, "../evt_3").await, None);
    }
}
