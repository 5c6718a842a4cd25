//! The schemas of bodies and answers under one roof. A type may read differently in the two: what a body may leave out
//! an answer always has, and a body takes no unknown field. Then the body's schema is `<Name>Input`.

use std::collections::BTreeSet;

use bharatmart_runtime::Endpoint;
use bharatmart_runtime::problem::ProblemBody;
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value};

const PLACE: &str = "#/components/schemas/";

type SchemaFn = fn(&mut SchemaGenerator) -> Schema;

pub struct Schemas {
    bodies: SchemaGenerator,
    answers: SchemaGenerator,
    /// Types whose body's schema has a name of its own.
    apart: BTreeSet<String>,
    all: Map<String, Value>,
}

impl Schemas {
    pub fn of(api: &[&Endpoint]) -> Self {
        let settings = || SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = PLACE[1..].into());
        let mut schemas = Schemas {
            bodies: settings().for_deserialize().into_generator(),
            answers: settings().for_serialize().into_generator(),
            apart: BTreeSet::new(),
            all: Map::new(),
        };
        for spec in api.iter().map(|endpoint| (endpoint.spec)()) {
            spec.body.map(|body| schemas.body(body));
            spec.answers.iter().filter_map(|answer| answer.schema).for_each(|answer| drop(schemas.answer(answer)));
        }
        schemas.problem();
        schemas.settle();
        schemas
    }

    pub fn body(&mut self, schema: SchemaFn) -> Value {
        let mut value = schema(&mut self.bodies).to_value();
        rename(&mut value, &self.apart);
        value
    }

    pub fn answer(&mut self, schema: SchemaFn) -> Value {
        schema(&mut self.answers).to_value()
    }

    pub fn problem(&mut self) -> Value {
        self.answer(|generator| generator.subschema_for::<ProblemBody<'static>>())
    }

    pub fn all(&self) -> &Map<String, Value> {
        &self.all
    }

    fn settle(&mut self) {
        let bodies = self.bodies.take_definitions(true);
        self.all = self.answers.take_definitions(true);
        // What holds a type that is apart is apart itself, if answers have it too.
        loop {
            let is_apart = |(name, body): &(&String, &Value)| {
                let known = self.all.get(name.as_str());
                known.is_some_and(|answer| answer != *body || refers(body, &self.apart))
            };
            let apart: BTreeSet<String> = bodies.iter().filter(is_apart).map(|(name, _)| name.clone()).collect();
            if apart == self.apart {
                break;
            }
            self.apart = apart;
        }
        for (name, mut body) in bodies {
            rename(&mut body, &self.apart);
            self.all.insert(if self.apart.contains(&name) { format!("{name}Input") } else { name }, body);
        }
    }
}

fn references<'a>(value: &'a Value, visit: &mut dyn FnMut(&'a str)) {
    match value {
        Value::Object(entries) => {
            if let Some(Value::String(reference)) = entries.get("$ref") {
                visit(reference);
            }
            entries.values().for_each(|value| references(value, visit));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, visit)),
        _ => {}
    }
}

fn refers(value: &Value, names: &BTreeSet<String>) -> bool {
    let mut found = false;
    references(value, &mut |reference| found |= reference.strip_prefix(PLACE).is_some_and(|name| names.contains(name)));
    found
}

fn rename(value: &mut Value, names: &BTreeSet<String>) {
    match value {
        Value::Object(entries) => {
            if let Some(Value::String(reference)) = entries.get_mut("$ref")
                && reference.strip_prefix(PLACE).is_some_and(|name| names.contains(name))
            {
                reference.push_str("Input");
            }
            entries.values_mut().for_each(|value| rename(value, names));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| rename(value, names)),
        _ => {}
    }
}
