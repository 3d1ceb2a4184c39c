#include "grounding/visual_claim.h"

#include <set>
#include <string>
#include <vector>

#include "reading/answer_letter.h"  // reasoning_of
#include "reading/reply_words.h"    // reply_words

namespace lmc::grounding {

namespace {

using Words = std::set<std::string, std::less<>>;

const Words& seeing_words() {
  static const Words words = {
      "image",         "picture",    "photograph",  "scan",       "radiograph", "x-ray",
      "xray",          "ct",         "mri",         "ultrasound", "slide",      "section",
      "film",          "figure",     "shown",       "show",       "showing",    "visible",
      "seen",          "see",        "appear",      "appearing",  "appearance", "demonstrate",
      "demonstrating", "reveal",     "revealing",   "depict",     "depicted",   "display",
      "displayed",     "observe",    "observed",    "note",       "noted",      "evident",
      "present",       "identified", "highlighted", "indicated"};
  return words;
}

const Words& place_words() {
  static const Words words = {
      "left",       "right",      "upper",    "lower",     "middle",   "central",   "peripheral",
      "bilateral",  "unilateral", "anterior", "posterior", "lateral",  "medial",    "superior",
      "inferior",   "proximal",   "distal",   "apical",    "basal",    "apex",      "apice",
      "base",       "top",        "bottom",   "corner",    "centre",   "center",    "lobe",
      "zone",       "quadrant",   "hilar",    "hilum",     "lung",     "heart",     "liver",
      "spleen",     "kidney",     "brain",    "bone",      "chest",    "abdomen",   "pelvis",
      "spine",      "skull",      "frontal",  "parietal",  "temporal", "occipital", "ventricle",
      "pleural",    "retina",     "macula",   "tissue",    "cortex",   "margin",    "border",
      "hemisphere", "artery",     "vein",     "side"};
  return words;
}

const Words& appearance_words() {
  static const Words words = {
      "opacity",     "opacitie",      "opaque",      "consolidation", "infiltrate",   "nodule",
      "mass",        "masse",         "lesion",      "tumor",         "tumour",       "cyst",
      "effusion",    "fluid",         "edema",       "oedema",        "hemorrhage",   "haemorrhage",
      "fracture",    "calcification", "thickening",  "dilatation",    "dilated",      "enlarged",
      "enlargement", "wide",          "widened",     "narrow",        "narrowing",    "swollen",
      "atrophy",     "shadow",        "lucency",     "density",       "dense",        "hyperdense",
      "hypodense",   "hyperintense",  "hypointense", "hyperechoic",   "hypoechoic",   "anechoic",
      "bright",      "dark",          "white",       "black",         "grey",         "gray",
      "red",         "pink",          "purple",      "blue",          "green",        "yellow",
      "brown",       "round",         "oval",        "irregular",     "spiculated",   "smooth",
      "linear",      "diffuse",       "focal",       "clear",         "normal",       "abnormal",
      "enhancement", "enhancing",     "uptake",      "staining",      "stained",      "cell",
      "nuclei",      "nucleus",       "arrow",       "small",         "large",        "asymmetric",
      "symmetric",   "midline",       "collapse",    "collapsed",     "pneumothorax", "ring"};
  return words;
}

const Words& general_words() {
  static const Words words = {"typically", "usually", "generally",  "commonly", "often",
                              "if",        "would",   "definition", "defined"};
  return words;
}

bool is_among(const Words& words, std::string_view word) {
  if (words.contains(word)) return true;
  for (const std::string_view ending : {"s", "es"}) {
    if (word.size() > ending.size() + 1 && word.ends_with(ending) &&
        words.contains(word.substr(0, word.size() - ending.size()))) {
      return true;
    }
  }
  return false;
}

// What was said in the sentence so far.
struct Sentence {
  bool seeing = false;
  bool place = false;
  bool appearance = false;
  bool general = false;

  bool is_claim() const { return !general && int{seeing} + int{place} + int{appearance} >= 2; }
};

}  // namespace

bool makes_visual_claim(std::string_view reply) {
  using Kind = reading::ReplyWord::Kind;
  Sentence sentence;
  for (const reading::ReplyWord& word : reading::reply_words(reading::reasoning_of(reply))) {
    const bool ends =
        word.kind == Kind::kBreak || word.is(".") || word.is("!") || word.is("?") || word.is(";");
    if (ends) {
      if (sentence.is_claim()) return true;
      sentence = {};
    } else if (word.kind == Kind::kWord) {
      sentence.seeing = sentence.seeing || is_among(seeing_words(), word.lower);
      sentence.place = sentence.place || is_among(place_words(), word.lower);
      sentence.appearance = sentence.appearance || is_among(appearance_words(), word.lower);
      sentence.general = sentence.general || is_among(general_words(), word.lower);
    }
  }
  return sentence.is_claim();
}

std::string_view visual_claim_rule() {
  return "a sentence of the reasoning with words of two of these kinds: seeing (image, shows, "
         "visible, ...), place (left, upper, lobe, ...), appearance (opacity, mass, enlarged, "
         "...), and none of general knowledge (typically, usually, if, would, ...)";
}

}  // namespace lmc::grounding
