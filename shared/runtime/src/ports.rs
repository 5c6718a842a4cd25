//! The open ports as they are, for what is no function and declares no needs: the local cloud, or whoever brings ports
//! of its own. A handler uses its context instead, which holds it to what it declared.

use std::sync::Arc;

use bharatmart_core::ports::{
    Blobs, Cache, Clock, Ids, Messages, PaymentProvider, Queueing, Random, Search, SearchIndex, Secrets, Store,
};

use crate::app::App;

pub struct Ports<'a> {
    pub store: Option<&'a Arc<dyn Store>>,
    pub queue: Option<&'a Arc<dyn Queueing>>,
    pub blobs: Option<&'a Arc<dyn Blobs>>,
    pub search: Option<&'a Arc<dyn Search>>,
}

/// What an app is made of. A port that is not there is as one that was not declared.
pub struct OpenPorts {
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub random: Arc<dyn Random>,
    pub store: Option<Arc<dyn Store>>,
    pub queue: Option<Arc<dyn Queueing>>,
    pub cache: Option<Arc<dyn Cache>>,
    pub secrets: Option<Arc<dyn Secrets>>,
    pub blobs: Option<Arc<dyn Blobs>>,
    pub search: Option<Arc<dyn Search>>,
    pub index: Option<Arc<dyn SearchIndex>>,
    pub messages: Option<Arc<dyn Messages>>,
    pub provider: Option<Arc<dyn PaymentProvider>>,
}

impl OpenPorts {
    pub fn new(clock: Arc<dyn Clock>, ids: Arc<dyn Ids>, random: Arc<dyn Random>) -> Self {
        OpenPorts {
            clock,
            ids,
            random,
            store: None,
            queue: None,
            cache: None,
            secrets: None,
            blobs: None,
            search: None,
            index: None,
            messages: None,
            provider: None,
        }
    }
}

impl App {
    pub fn ports(&self) -> Ports<'_> {
        Ports {
            store: self.store.as_ref(),
            queue: self.queue.as_ref(),
            blobs: self.blobs.as_ref(),
            search: self.search.as_ref(),
        }
    }
}
