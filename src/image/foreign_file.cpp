#include "image/foreign_file.h"

#include <algorithm>
#include <array>

#include "base/ascii_case.h"       // starts_with_any_case
#include "base/check.h"            // LMC_CHECK
#include "base/utf8_edges.h"       // without_byte_order_mark
#include "image/decode.h"          // is_bmp, is_tiff
#include "image/dicom/data_set.h"  // is_dicom

namespace lmc::image {

namespace {

enum Kind : size_t {
  kNone,
  kEmpty,
  kZeros,
  kGitLfs,
  kGitAnnex,
  kHtml,
  kSvg,
  kJson,
  kNifti,
  kTiff,
  kBmp,
  kJpeg2000,
  kJpegXl,
  kAvif,
  kHeic,
  kVideo,
  kRiff,
  kPsd,
  kPdf,
  kZip,
  kGzip,
  kNumPy,
  kNumKinds
};

constexpr std::string_view kToPng = "convert it to PNG first";
constexpr std::string_view kDownload = "the download failed: get the file again";

constexpr std::array<ForeignKind, kNumKinds> kKinds = {{
    {"", ""},
    {"empty file", kDownload},
    {"file of zero bytes", kDownload},
    {"git-lfs pointer", "the image itself was not fetched: git lfs pull"},
    {"git-annex pointer", "the image itself was not fetched: git annex get"},
    {"HTML page", "the download brought a web page instead of the image: get the file again"},
    {"SVG or other XML", kToPng},
    {"JSON text", kDownload},
    {"NIfTI volume", "export the slice as PNG"},
    {"TIFF", kToPng},
    {"BMP", kToPng},
    {"JPEG 2000", kToPng},
    {"JPEG XL", kToPng},
    {"AVIF", kToPng},
    {"HEIC", kToPng},
    {"video", "export the frame as PNG"},
    {"RIFF file other than WebP", kToPng},
    {"Photoshop document", kToPng},
    {"PDF", "export the page's image as PNG"},
    {"zip archive", "unpack it first"},
    {"gzip archive", "unpack it first"},
    {"NumPy array", "write the image as PNG"},
}};

struct Signature {
  size_t at;
  std::string_view bytes;
  Kind kind;
};

using namespace std::string_view_literals;

// The longer before the shorter.
constexpr std::array kSignatures = {
    Signature{344, "n+1\0"sv, kNifti},
    Signature{344, "ni1\0"sv, kNifti},
    Signature{0, "version https://git-lfs."sv, kGitLfs},
    Signature{0, "version https://hawser."sv, kGitLfs},
    Signature{0, "/annex/objects/"sv, kGitAnnex},
    Signature{0, "II*\0"sv, kTiff},
    Signature{0, "MM\0*"sv, kTiff},
    Signature{0, "II+\0"sv, kTiff},
    Signature{0, "MM\0+"sv, kTiff},
    Signature{0, "\0\0\0\x0CjP  \r\n\x87\n"sv, kJpeg2000},
    Signature{0, "\xFF\x4F\xFF\x51"sv, kJpeg2000},
    Signature{0, "\0\0\0\x0CJXL \r\n\x87\n"sv, kJpegXl},
    Signature{0, "\xFF\x0A"sv, kJpegXl},
    Signature{4, "ftypavif"sv, kAvif},
    Signature{4, "ftypavis"sv, kAvif},
    Signature{4, "ftyphe"sv, kHeic},
    Signature{4, "ftypmif1"sv, kHeic},
    Signature{4, "ftypmsf1"sv, kHeic},
    Signature{4, "ftyp"sv, kVideo},
    Signature{0, "\x1A\x45\xDF\xA3"sv, kVideo},
    Signature{0, "RIFF"sv, kRiff},
    Signature{0, "8BPS"sv, kPsd},
    Signature{0, "%PDF-"sv, kPdf},
    Signature{0, "PK\x03\x04"sv, kZip},
    Signature{0, "PK\x05\x06"sv, kZip},
    Signature{0, "\x1F\x8B"sv, kGzip},
    Signature{0, "\x93NUMPY"sv, kNumPy},
};

// Of a kind that is not read. A file with such a head may still be any text: what follows "BM" must
// fit.
bool is_other_bmp(std::string_view bytes) {
  return bytes.size() >= 26 && bytes.starts_with("BM") && bytes.substr(6, 4) == "\0\0\0\0"sv;
}

Kind text_kind_of(std::string_view text) {
  text = without_byte_order_mark(text);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  for (const std::string_view head : {"<!doctype html", "<html", "<head", "<body"}) {
    if (starts_with_any_case(text, head)) return kHtml;
  }
  for (const std::string_view head : {"<?xml", "<svg", "<!doctype svg"}) {
    if (starts_with_any_case(text, head)) return kSvg;
  }
  const bool is_json = text.size() >= 2 && text[0] == '{' && (text[1] == '"' || text[1] == '\n');
  return is_json ? kJson : kNone;
}

}  // namespace

size_t foreign_kind_of(std::string_view bytes) {
  if (bytes.empty()) return kEmpty;
  if (bytes.starts_with("RIFF") && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP") return kNone;
  if (dicom::is_dicom(bytes) || is_tiff(bytes) || is_bmp(bytes)) return kNone;
  for (const Signature& one : kSignatures) {
    if (bytes.size() > one.at && bytes.substr(one.at).starts_with(one.bytes)) {
      const bool is_image = bytes.starts_with("\xFF\xD8\xFF") || bytes.starts_with("\x89PNG");
      return is_image ? kNone : one.kind;
    }
  }
  if (is_other_bmp(bytes)) return kBmp;
  if (bytes.find_first_not_of('\0') == bytes.npos) return kZeros;
  return text_kind_of(bytes);
}

const ForeignKind& foreign_kind(size_t number) {
  LMC_CHECK(number > kNone && number < kNumKinds, number);
  return kKinds[number];
}

size_t foreign_kind_named(std::string_view name) {
  for (size_t i = 1; i < kKinds.size(); ++i) {
    if (kKinds[i].name == name) return i;
  }
  return kNone;
}

}  // namespace lmc::image
