//! What a text finds.

use bharatmart_core::ports::SearchDoc;
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
    assert!(found(&world, "bsmti").await.is_empty(), "two wrong letters are another word");
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
