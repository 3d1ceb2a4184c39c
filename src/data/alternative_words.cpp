#include "data/alternative_words.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace lmc::data {

namespace {

struct Group {
  WordKind kind;
  std::initializer_list<std::string_view> words;
};

const std::initializer_list<Group> kGroups = {
    {WordKind::kAdjective, {"left", "right", "bilateral", "unilateral", "both", "top", "bottom"}},
    {WordKind::kAdjective, {"upper", "lower", "middle", "mid"}},
    {WordKind::kAdjective, {"anterior", "posterior"}},
    {WordKind::kAdjective, {"superior", "inferior"}},
    {WordKind::kAdjective, {"medial", "lateral", "central", "peripheral"}},
    {WordKind::kAdjective, {"proximal", "distal"}},
    {WordKind::kAdjective, {"internal", "external", "interior", "exterior", "inner", "outer"}},
    {WordKind::kAdjective, {"axial", "coronal", "sagittal", "saggital", "transverse", "oblique"}},
    {WordKind::kAdjective, {"ap", "pa", "lateral", "frontal"}},
    {WordKind::kAdjective,
     {"t1", "t2", "pd", "flair", "dwi", "t1 weighted", "t2 weighted", "t1-weighted",
      "t2-weighted"}},
    {WordKind::kAdjective, {"male", "female"}},
    {WordKind::kAdjective, {"white", "gray", "grey", "black"}},
    {WordKind::kAdjective, {"bright", "dark"}},
    {WordKind::kAdjective, {"solid", "cystic"}},
    {WordKind::kAdjective, {"focal", "diffuse", "localized", "multifocal"}},
    {WordKind::kAdjective,
     {"normal", "abnormal", "enlarged", "dilated", "decreased", "increased", "reduced"}},
    {WordKind::kAdjective, {"acute", "subacute", "chronic"}},
    {WordKind::kAdjective, {"benign", "malignant"}},
    {WordKind::kAdjective,
     {"large", "small", "big", "larger", "smaller", "bigger", "largest", "smallest"}},
    {WordKind::kAdjective, {"high", "low", "higher", "lower"}},
    {WordKind::kAdjective, {"more", "less"}},
    {WordKind::kAdjective, {"thick", "thin", "thicker", "thinner"}},
    {WordKind::kAdjective, {"open", "closed"}},
    {WordKind::kAdjective, {"single", "singular", "solitary", "multiple", "multilobulated"}},
    {WordKind::kAdjective, {"radiolucent", "radioopaque", "radiopaque", "radio-opaque"}},
    {WordKind::kAdjective, {"oral", "iv", "intravenous"}},
    {WordKind::kAdjective, {"with", "without"}},
    {WordKind::kAdjective, {"inside", "outside"}},
    {WordKind::kAdjective, {"above", "below"}},
    {WordKind::kNoun, {"apex", "base"}},
    {WordKind::kNoun,
     {"ct",
      "mri",
      "mr",
      "x-ray",
      "xray",
      "ultrasound",
      "ultrasonography",
      "sonography",
      "pet",
      "spect",
      "radiograph",
      "radiography",
      "mammogram",
      "mammography",
      "angiogram",
      "angiography",
      "fluoroscopy",
      "cta",
      "mra",
      "histopathology"}},
    {WordKind::kNoun,
     {"liver",    "kidney",     "kidneys",   "spleen",     "lung",     "lungs",       "heart",
      "brain",    "stomach",    "bowel",     "bowels",     "colon",    "intestine",   "bladder",
      "rectum",   "duodenum",   "esophagus", "oesophagus", "pancreas", "gallbladder", "aorta",
      "uterus",   "ovary",      "prostate",  "cord",       "trachea",  "thyroid",     "spine",
      "appendix", "cerebellum", "brainstem", "breast",     "lobe",     "hemisphere",  "chest",
      "abdomen",  "pelvis",     "head",      "neck"}},
    {WordKind::kNoun,
     {"effusion",    "edema",        "oedema",     "abscess",       "cancer",       "tumor",
      "tumour",      "mass",         "nodule",     "cyst",          "infarct",      "infarction",
      "hemorrhage",  "haemorrhage",  "fracture",   "calcification", "stone",        "consolidation",
      "atelectasis", "infection",    "metastasis", "metastases",    "inflammation", "injury",
      "hernia",      "embolism",     "stroke",     "contusion",     "cardiomegaly", "emphysema",
      "pneumonia",   "pneumothorax", "hemothorax", "hematoma",      "fibrosis"}}};

// Of adjectives.
constexpr std::array<std::string_view, 12> kEndings = {"ic",   "al",  "ar",  "ous", "ive", "able",
                                                       "ible", "ary", "oid", "ant", "ent", "ed"};

// Before what is otherwise the same word; the empty one stands for none.
constexpr std::pair<std::string_view, std::string_view> kPrefixes[] = {
    {"un", ""},         {"in", ""},      {"im", ""},         {"ir", ""},         {"ab", ""},
    {"a", ""},          {"non", ""},     {"hyper", "hypo"},  {"hyper", "iso"},   {"hypo", "iso"},
    {"supra", "infra"}, {"uni", "bi"},   {"homo", "hetero"}, {"intra", "extra"}, {"macro", "micro"},
    {"over", "under"},  {"pre", "post"}, {"mono", "poly"},   {"uni", "multi"}};

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// "regular" and "irregular", "hyperdense" and "hypodense".
bool differ_by_prefix(std::string_view first, std::string_view second) {
  const auto stem = [](std::string_view word, std::string_view prefix) {
    if (!word.starts_with(prefix)) return std::string_view();
    word.remove_prefix(prefix.size());
    if (!prefix.empty() && word.starts_with('-')) word.remove_prefix(1);
    return word;
  };
  return std::any_of(std::begin(kPrefixes), std::end(kPrefixes), [&](const auto& prefixes) {
    const auto fits = [&](std::string_view a, std::string_view b) {
      const std::string_view rest = stem(a, prefixes.first);
      return rest.size() >= 4 && rest == stem(b, prefixes.second);
    };
    return fits(first, second) || fits(second, first);
  });
}

WordKind kind_of(std::string_view word) {
  for (const Group& group : kGroups) {
    if (is_one_of(word, group.words)) return group.kind;
  }
  return WordKind::kUnknown;
}

}  // namespace

WordKind common_kind(const std::string& first, const std::string& second) {
  if (first == second) return kind_of(first);
  for (const Group& group : kGroups) {
    if (is_one_of(first, group.words) && is_one_of(second, group.words)) return group.kind;
  }
  return differ_by_prefix(first, second) ? WordKind::kAdjective : WordKind::kUnknown;
}

bool is_known_adjective(const std::string& word) { return kind_of(word) == WordKind::kAdjective; }

bool looks_like_adjective(const std::string& word) {
  if (is_known_adjective(word)) return true;
  if (word.size() < 5 || kind_of(word) == WordKind::kNoun) return false;
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view ending) { return word.ends_with(ending); });
}

bool is_article(std::string_view word) { return is_one_of(word, {"a", "an", "the"}); }

bool is_preposition(std::string_view word) {
  return is_one_of(word, {"in",    "on",      "of",      "at",      "to",       "from", "by",
                          "with",  "within",  "without", "inside",  "outside",  "for",  "than",
                          "near",  "under",   "over",    "through", "relative", "when", "compared",
                          "about", "between", "into",    "as"});
}

bool is_auxiliary(std::string_view word) {
  return is_one_of(word, {"is", "are", "was", "were", "does", "do", "did", "has", "have", "had",
                          "can", "could", "would", "will", "should", "might", "may"});
}

bool is_boundary(std::string_view word) {
  return is_article(word) || is_preposition(word) || is_auxiliary(word) ||
         is_one_of(word,
                   {"this",    "that",     "these",     "those",      "it",      "there",
                    "its",     "their",    "you",       "suspect",    "see",     "show",
                    "shows",   "use",      "uses",      "used",       "contain", "contains",
                    "suggest", "suggests", "represent", "represents", "either",  "appear",
                    "appears", "be",       "been",      "mainly",     "likely",  "probably"}) ||
         word.ends_with("'s") || word.ends_with("\xE2\x80\x99s");
}

bool is_part_of_next(std::string_view word) {
  return is_one_of(word, {"and",  "not",   "non",   "no",   "more",  "less",  "very",
                          "over", "under", "hyper", "hypo", "infra", "supra", "intra",
                          "pre",  "post",  "extra", "semi", "well",  "ill",   "half"}) ||
         (word.size() > 4 && word.ends_with("ly"));
}

bool is_noun_of_next(std::string_view word) {
  return is_one_of(
      word, {"ring", "rim", "contrast", "gas", "air", "fluid", "fat", "blood", "bone", "midline"});
}

bool ends_phrase(std::string_view word) {
  return is_preposition(word) || is_auxiliary(word) ||
         is_one_of(word, {"used",        "seen",    "shown",    "taken",     "located",
                          "highlighted", "present", "visible",  "found",     "larger",
                          "bigger",      "smaller", "greater",  "denser",    "affected",
                          "involved",    "imaged",  "depicted", "performed", "displayed",
                          "identified",  "noted",   "more",     "most",      "here"});
}

bool is_image_word(std::string_view word) {
  return is_one_of(word, {"image", "images", "scan", "scans", "scanner", "film", "study", "view",
                          "picture", "slice", "exam", "examination", "sequence", "modality"});
}

}  // namespace lmc::data
