//! What a text finds.

use bharatmart_core::ports::{Fragment, Highlights, SearchDoc, SearchQuery};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::catalogue::a_doc;
use super::worlds::SearchWorld;
use super::{find, ids, sorted, text, walk};

bharatmart_tests::on_every!(crate::search::worlds: files => [
    all_words_must_be_there_in_whatever_field,
    the_last_word_may_be_a_beginning,
    one_wrong_letter_is_forgiven_when_nothing_is_found_as_written,
    case_accents_and_apostrophes_make_no_difference,
    hindi_words_are_found_whole,
    what_sounds_alike_is_found_after_what_is_written_alike,
    other_words_for_the_same_thing_are_found,
    words_that_are_one_or_two_are_found_either_way,
    a_wrong_first_letter_is_the_last_thing_to_be_forgiven,
    of_three_words_one_may_be_missing_when_nothing_has_them_all,
    details_and_hidden_marks_are_found_as_they_are_written,
    what_was_found_is_marked_in_each_row,
    what_the_name_says_comes_first,
    no_text_is_an_error,
    a_text_without_words_finds_nothing,
]);

async fn found(world: &SearchWorld, words: &str) -> Vec<String> {
    walk(&*world.reader("reader").await, &text(words)).await
}

async fn all_words_must_be_there_in_whatever_field(world: SearchWorld) {
    let pan = SearchDoc {
        brand: "Prestige".to_owned(),
        category_name: "Kitchen".to_owned(),
        tags: vec!["non-stick".to_owned()],
        description: "For dosa and uttapam".to_owned(),
        ..a_doc("Tawa 28 cm")
    };
    let lamp = SearchDoc { brand: "Prestige".to_owned(), ..a_doc("Lamp") };
    world.apply(&[pan.clone(), lamp.clone()]).await;
    for words in ["tawa", "prestige tawa", "kitchen prestige", "dosa kitchen 28", "stick non uttapam prestige"] {
        assert_eq!(found(&world, words).await, ids([&pan]), "{words}");
    }
    assert_eq!(sorted(found(&world, "prestige").await), sorted(ids([&pan, &lamp])));
    assert!(found(&world, "tawa lamp").await.is_empty());
    assert!(found(&world, "tawa saucer").await.is_empty());
}

async fn the_last_word_may_be_a_beginning(world: SearchWorld) {
    let [rice, atta] = ["Basmati rice", "Whole wheat atta"].map(a_doc);
    world.apply(&[rice.clone(), atta.clone()]).await;
    for words in ["ba", "basm", "basmati ri", "rice basmat"] {
        assert_eq!(found(&world, words).await, ids([&rice]), "{words}");
    }
    assert!(found(&world, "ri basmati").await.is_empty(), "only the last");
    assert_eq!(found(&world, "whea").await, ids([&atta]));
}

async fn one_wrong_letter_is_forgiven_when_nothing_is_found_as_written(world: SearchWorld) {
    let [rice, lamp, lump] = ["Basmati rice", "Lamp", "Lump sugar"].map(a_doc);
    world.apply(&[rice.clone(), lamp.clone(), lump.clone()]).await;
    for words in ["basmti", "bassmati", "bamsati", "vasmati", "basmati rise", "rice basmatti", "rice bsm", "basmti ri"]
    {
        let expected = if words == "rice bsm" { Vec::new() } else { ids([&rice]) };
        assert_eq!(found(&world, words).await, expected, "{words}");
    }
    assert_eq!(found(&world, "lamp").await, ids([&lamp]), "what is written right has no neighbours");
    assert_eq!(sorted(found(&world, "limp").await), sorted(ids([&lamp, &lump])));
    assert!(found(&world, "bsmti").await.is_empty(), "two wrong letters of a short word are another word");
    assert_eq!(found(&world, "baasmatti").await, ids([&rice]), "of a long one they are not");
}

async fn case_accents_and_apostrophes_make_no_difference(world: SearchWorld) {
    let doc = a_doc("Men’s CRÈME Brûlée T-Shirt");
    world.apply(std::slice::from_ref(&doc)).await;
    for words in ["mens creme", "MEN'S crème", "brulee", "BRU\u{302}LE\u{301}E", "t shirt", "T-SHIRT"] {
        assert_eq!(found(&world, words).await, ids([&doc]), "{words}");
    }
}

async fn hindi_words_are_found_whole(world: SearchWorld) {
    let [rice, book, other] = ["बासमती चावल ५ किलो", "हिन्दी की किताब", "हिन"].map(a_doc);
    world.apply(&[rice.clone(), book.clone(), other.clone()]).await;
    assert_eq!(found(&world, "चावल").await, ids([&rice]));
    assert_eq!(found(&world, "बासमती चाव").await, ids([&rice]));
    assert_eq!(found(&world, "हिन्दी").await, ids([&book]));
    assert_eq!(found(&world, "किताब हिन्दी").await, ids([&book]));
    assert_eq!(found(&world, "बासमति").await, ids([&rice]), "a wrong vowel");
}

async fn what_sounds_alike_is_found_after_what_is_written_alike(world: SearchWorld) {
    let [latin, hindi, other] = ["Fresh Atta", "ताज़ा आटा", "Aataa Deluxe"].map(a_doc);
    world.apply(&[latin.clone(), hindi.clone(), other.clone()]).await;
    for (words, first) in [("atta", &latin), ("आटा", &hindi), ("aataa", &other)] {
        let found = found(&world, words).await;
        assert_eq!(found[0], first.id.to_string(), "{words}");
        assert_eq!(sorted(found), sorted(ids([&latin, &hindi, &other])), "{words}");
    }
    assert_eq!(sorted(found(&world, "taza aata").await), ids([&hindi]));
}

async fn other_words_for_the_same_thing_are_found(world: SearchWorld) {
    let [rice, chawal] = ["Basmati Rice", "Kolam Chawal"].map(a_doc);
    world.apply(&[rice.clone(), chawal.clone()]).await;
    assert_eq!(found(&world, "rice").await, ids([&rice, &chawal]));
    assert_eq!(found(&world, "चावल").await, ids([&chawal, &rice]));
    assert_eq!(found(&world, "basmati chawal").await, ids([&rice]));
}

async fn words_that_are_one_or_two_are_found_either_way(world: SearchWorld) {
    let [bank, shirt, box_] = ["Power Bank", "T-Shirt", "Lunchbox"].map(a_doc);
    world.apply(&[bank.clone(), shirt.clone(), box_.clone()]).await;
    for (words, doc) in
        [("powerbank", &bank), ("power bank", &bank), ("tshirt", &shirt), ("t shirt", &shirt), ("lunch box", &box_)]
    {
        assert_eq!(found(&world, words).await, ids([doc]), "{words}");
    }
}

async fn a_wrong_first_letter_is_the_last_thing_to_be_forgiven(world: SearchWorld) {
    let [lamp, camp] = ["Lamps", "Damp Camp"].map(a_doc);
    world.apply(&[lamp.clone(), camp.clone()]).await;
    assert_eq!(found(&world, "lemp").await, ids([&lamp]));
    assert_eq!(found(&world, "zamp").await.len(), 2);
    assert!(found(&world, "zap").await.is_empty(), "three letters have too many neighbours");
}

async fn of_three_words_one_may_be_missing_when_nothing_has_them_all(world: SearchWorld) {
    let [one, two] = ["Steel Lunch Box", "Steel Bottle"].map(a_doc);
    world.apply(&[one.clone(), two.clone()]).await;
    assert_eq!(found(&world, "steel lunch crate").await, ids([&one]));
    assert_eq!(found(&world, "steel lunch box").await, ids([&one]));
    assert!(found(&world, "steel crate").await.is_empty());
}

async fn details_and_hidden_marks_are_found_as_they_are_written(world: SearchWorld) {
    let kurta = SearchDoc { details: vec!["Indigo blue".to_owned(), "XXL".to_owned()], ..a_doc("Kurta") };
    world.apply(&[kurta.clone(), a_doc("Kurta, plain")]).await;
    assert_eq!(found(&world, "kurta xxl").await, ids([&kurta]));
    assert_eq!(found(&world, "blue kurta").await, ids([&kurta]));
}

async fn what_was_found_is_marked_in_each_row(world: SearchWorld) {
    let name = "<b>Atta</b> & \"more\"";
    let doc = SearchDoc { description: "Ground from wheat, आटा of the day".to_owned(), ..a_doc(name) };
    world.apply(&[doc]).await;
    let search = world.reader("reader").await;
    let plain = find(&*search, &text("aata")).await;
    assert!(plain.highlights.is_empty(), "nobody asked");
    let found = find(&*search, &SearchQuery { highlights: true, ..text("aata") }).await;
    let marks: Highlights = serde_json::from_str(&found.highlights[0]).expect("highlights");
    let whole: String = marks.name.iter().map(|part| part.text.as_str()).collect();
    let hits =
        |parts: &[Fragment]| parts.iter().filter(|part| part.hit).map(|part| part.text.clone()).collect::<Vec<_>>();
    assert_eq!((whole.as_str(), hits(&marks.name)), (name, vec!["Atta".to_owned()]));
    assert_eq!(hits(&marks.description), ["आटा"]);
}

async fn what_the_name_says_comes_first(world: SearchWorld) {
    let by_description = SearchDoc { description: "Goes well with rice, on rice, in rice".to_owned(), ..a_doc("Dal") };
    let by_tag = SearchDoc { tags: vec!["rice".to_owned()], ..a_doc("Cooker") };
    let by_name = a_doc("Rice");
    let mut others: Vec<_> = (0..40).map(|n| a_doc(&format!("Thing {n}"))).collect();
    others.extend([by_description.clone(), by_tag.clone(), by_name.clone()]);
    world.apply(&others).await;
    assert_eq!(found(&world, "rice").await, ids([&by_name, &by_tag, &by_description]));
    assert_eq!(found(&world, "ric").await[0], by_name.id.to_string());
}

async fn no_text_is_an_error(world: SearchWorld) {
    world.apply(&["Basmati rice", "\"Quoted\" AND OR NOT +5 -3"].map(a_doc)).await;
    let search = world.reader("reader").await;
    let mut texts: Vec<String> = [
        "\"",
        "\"rice",
        "rice\"",
        "(rice",
        "rice)",
        "rice AND",
        "OR",
        "NOT rice",
        "+rice -rice",
        "name:rice",
        "a:b:c",
        "*",
        "rice*",
        "?",
        "rice~",
        "rice~9",
        "rice^",
        "^5",
        "[a TO b]",
        "{a TO b",
        "\\",
        "\\\\rice",
        "/rice/",
        "/[/",
        "&& ||",
        "!",
        "rice\0rice",
        "\u{feff}rice",
        "👩‍🌾",
        "ǅ ß İ ﬁ",
        "ा",
        "\u{301}\u{301}",
        "-",
        "<script>",
        "' OR 1=1 --",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("rice ".repeat(5_000));
    texts.push("x".repeat(70_000));
    texts.push((0..2_000).map(|n| format!("word{n} ")).collect());
    let mut random = StdRng::seed_from_u64(5);
    texts.extend((0..300).map(|_| (0..random.random_range(1..12)).map(|_| random.random::<char>()).collect()));
    for words in texts {
        let found = search.find(&text(&words)).await;
        assert!(found.is_ok(), "{:?}: {found:?}", words.chars().take(40).collect::<String>());
    }
}

async fn a_text_without_words_finds_nothing(world: SearchWorld) {
    world.apply(&[a_doc("Basmati rice")]).await;
    for words in ["", " ", "\t\n", "!?", "---", "।", "\u{200d}"] {
        let found = find(&*world.reader("reader").await, &text(words)).await;
        assert_eq!((found.rows.len(), found.total, found.next), (0, 0, None), "{words:?}");
    }
}
