#include "phantom/render.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/check.h"   // cat, LMC_CHECK
#include "base/random.h"  // Random

namespace lmc::phantom {

namespace {

constexpr double kSide = static_cast<double>(kImageSidePx);

struct Point {
  double x = 0;
  double y = 0;
};

// 1 inside, 0 outside, with a soft edge of `blur_px`: what an antialiased drawing shows.
double soft_step(double distance_px, double blur_px) {
  const double t = std::clamp(0.5 - distance_px / (2 * blur_px), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

// Distance to an ellipse's edge, negative inside: exact for circles, close enough near the edge.
double ellipse_distance(Point at, Point center, double radius_x, double radius_y) {
  const double u = (at.x - center.x) / radius_x;
  const double v = (at.y - center.y) / radius_y;
  return (std::sqrt(u * u + v * v) - 1) * std::min(radius_x, radius_y);
}

class Canvas {
 public:
  Canvas() : light_(static_cast<size_t>(kImageSidePx * kImageSidePx), 0.0) {}

  // Replaces each pixel's brightness by paint(its center, its brightness so far).
  template <class Paint>
  void apply(Paint paint) {
    for (int64_t y = 0; y < kImageSidePx; ++y) {
      for (int64_t x = 0; x < kImageSidePx; ++x) {
        double& light = light_[static_cast<size_t>(y * kImageSidePx + x)];
        light = paint(Point{static_cast<double>(x) + 0.5, static_cast<double>(y) + 0.5}, light);
      }
    }
  }

  image::Image to_image() const {
    image::Image image{kImageSidePx, kImageSidePx, {}};
    image.rgb_HWC.reserve(light_.size() * 3);
    for (const double light : light_) {
      const auto value = static_cast<uint8_t>(std::lround(std::clamp(light, 0.0, 1.0) * 255));
      image.rgb_HWC.insert(image.rgb_HWC.end(), 3, value);
    }
    return image;
  }

 private:
  std::vector<double> light_;
};

double mix(double from, double to, double amount) { return from + (to - from) * amount; }

// Grows to hold what is added; cut to the image when taken.
class Extent {
 public:
  void add(Point center, double radius_x, double radius_y) {
    left_ = std::min(left_, center.x - radius_x);
    top_ = std::min(top_, center.y - radius_y);
    right_ = std::max(right_, center.x + radius_x);
    bottom_ = std::max(bottom_, center.y + radius_y);
  }
  record::Box box(std::string label) const {
    return {
        std::move(label),
        {std::clamp(std::floor(left_), 0.0, kSide), std::clamp(std::floor(top_), 0.0, kSide),
         std::clamp(std::ceil(right_), 0.0, kSide), std::clamp(std::ceil(bottom_), 0.0, kSide)}};
  }

 private:
  double left_ = kSide, top_ = kSide, right_ = 0, bottom_ = 0;
};

// Where the body lies in this image: a slightly moved and scaled standard chest.
struct Anatomy {
  Point shift;
  double scale = 1;
  double tissue = 0.5;  // brightness of soft tissue
  double air = 0.2;     // brightness of a clear lung

  // `x` runs from the midline towards the patient's left (the right of the image).
  Point place(double x, double y) const {
    return {kSide / 2 + shift.x + scale * x, kSide / 2 + shift.y + scale * y};
  }
};

Anatomy sample_anatomy(uint64_t seed) {
  Random random = Random::named(seed, "anatomy");
  Anatomy body;
  body.shift = {random.uniform(-2.5, 2.5), random.uniform(-2.5, 2.5)};
  body.scale = random.uniform(0.96, 1.04);
  body.tissue = random.uniform(0.48, 0.56);
  body.air = random.uniform(0.14, 0.20);
  return body;
}

double towards(Side side) { return side == Side::kLeft ? 1.0 : -1.0; }

// A lung is an egg: narrower at its top, cut below by the dome of the diaphragm.
double lung_cover(const Anatomy& body, Side side, Point at) {
  const Point center = body.place(towards(side) * 30, -3);
  const double down = (at.y - center.y) / body.scale;
  const double narrowing = down < 0 ? 1 + 0.006 * down : 1.0;
  const double egg = ellipse_distance(at, center, body.scale * 24 * narrowing, body.scale * 51);
  const double across = (at.x - center.x) / body.scale;
  const double dome = body.place(0, 36 + 0.02 * across * across).y;
  return std::min(soft_step(egg, 1.5), soft_step(at.y - dome, 1.2));
}

void draw_body(Canvas& canvas, const Anatomy& body, uint64_t seed) {
  Random random = Random::named(seed, "bones");
  const double rib_phase = random.uniform(0, 2 * M_PI);
  const double rib_light = random.uniform(0.02, 0.04);
  canvas.apply([&](Point at, double) {
    const Point middle = body.place(0, 18);
    const double torso =
        soft_step(ellipse_distance(at, middle, body.scale * 62, body.scale * 92), 2.5);
    double light = mix(0.03, body.tissue, torso);
    double lungs = 0;
    for (const Side side : kSides) lungs = std::max(lungs, lung_cover(body, side, at));
    light = mix(light, body.air, lungs);
    const double across = std::abs(at.x - middle.x) / body.scale;
    const double rib = std::sin((at.y + 0.009 * across * across) * 2 * M_PI / 14 + rib_phase);
    light += rib_light * torso * std::max(rib, 0.0);
    const double spine = soft_step(across - 6, 3) * torso;
    return light + 0.10 * spine;
  });
}

void draw_heart(Canvas& canvas, const Anatomy& body, bool wide, uint64_t seed,
                std::vector<record::Box>& boxes) {
  Random random = Random::named(seed, "heart");
  const double jitter = random.uniform(-1.0, 1.0);
  const double radius_x = body.scale * ((wide ? 25.0 : 15.0) + jitter);
  const double radius_y = body.scale * (19.0 + random.uniform(-1.0, 1.0));
  const Point center = body.place(wide ? 5 : 4, 19);
  const double light = body.tissue + 0.14;
  canvas.apply([&](Point at, double under) {
    return mix(under, std::max(under, light),
               soft_step(ellipse_distance(at, center, radius_x, radius_y), 1.5));
  });
  Extent extent;
  extent.add(center, radius_x + 2, radius_y + 2);
  boxes.push_back(extent.box(kHeartPlace));
}

// The place of a zone's findings: lateral enough that a wide heart leaves it free.
Point zone_center(const Anatomy& body, Side side, Zone zone) {
  static constexpr std::array<Point, 3> kCenters = {Point{27, -36}, Point{32, -12}, Point{39, 12}};
  const Point center = kCenters[static_cast<size_t>(zone)];
  return body.place(towards(side) * center.x, center.y);
}

void draw_opacity(Canvas& canvas, const Anatomy& body, Side side, Zone zone, Random& random,
                  Extent& extent) {
  Point center = zone_center(body, side, zone);
  center.x += random.uniform(-2, 2);
  center.y += random.uniform(-2, 2);
  const double light = random.uniform(0.26, 0.34);
  struct Puff {
    Point at;
    double radius_x, radius_y;
  };
  std::vector<Puff> puffs;
  for (int i = 0; i < 3; ++i) {
    const double angle = random.uniform(0, 2 * M_PI);
    const Point at{center.x + 2.5 * std::cos(angle), center.y + 2.5 * std::sin(angle)};
    puffs.push_back({at, random.uniform(7, 9), random.uniform(7.5, 9.5)});
    extent.add(at, puffs.back().radius_x + 2.5, puffs.back().radius_y + 2.5);
  }
  canvas.apply([&](Point at, double under) {
    double cover = 0;
    for (const Puff& puff : puffs) {
      cover = std::max(cover,
                       soft_step(ellipse_distance(at, puff.at, puff.radius_x, puff.radius_y), 2.5));
    }
    return under + light * cover;
  });
}

void draw_nodules(Canvas& canvas, const Anatomy& body, Side side, Zone zone, int count,
                  Random& random, Extent& extent) {
  const Point center = zone_center(body, side, zone);
  constexpr double kRadius = 3.0;
  constexpr double kMinDistance = 8.5;
  std::vector<Point> nodules;
  while (static_cast<int>(nodules.size()) < count) {
    const Point at{center.x + random.uniform(-7.5, 7.5), center.y + random.uniform(-9, 9)};
    const bool apart = std::all_of(nodules.begin(), nodules.end(), [&](Point other) {
      return std::hypot(at.x - other.x, at.y - other.y) >= kMinDistance;
    });
    // Two badly placed nodules can leave no room for a third: start this zone again.
    if (!apart && random.chance(0.05)) nodules.clear();
    if (apart) nodules.push_back(at);
  }
  const double light = random.uniform(0.50, 0.60);
  const double radius = kRadius + random.uniform(-0.2, 0.2);
  for (const Point at : nodules) extent.add(at, radius + 1, radius + 1);
  canvas.apply([&](Point at, double under) {
    double cover = 0;
    for (const Point nodule : nodules) {
      cover = std::max(cover, soft_step(ellipse_distance(at, nodule, radius, radius), 0.9));
    }
    return under + light * cover;
  });
}

// Fluid fills the base up to a level that climbs towards the chest wall (the meniscus).
void draw_effusion(Canvas& canvas, const Anatomy& body, Side side, uint64_t seed, Extent& extent) {
  Random random = Random::named(seed, "effusion", static_cast<uint64_t>(side));
  const double level = body.place(0, 28 + random.uniform(-1.5, 1.5)).y;
  const double middle = body.place(0, 0).x;
  const double light = body.tissue + 0.12;
  canvas.apply([&](Point at, double under) {
    const double lateral = (at.x - middle) * towards(side) / body.scale;
    if (lateral <= 8) return under;
    const double climb = 0.006 * std::max(lateral - 30, 0.0) * std::max(lateral - 30, 0.0);
    const double fluid = soft_step(level - body.scale * climb - at.y, 1.5);
    const double cover = fluid * lung_cover(body, side, at);
    if (cover > 0.01) extent.add(at, 0.5, 0.5);
    return mix(under, std::max(under, light), cover);
  });
}

void draw_base(Canvas& canvas, const Anatomy& body, Side side, bool effusion, uint64_t seed,
               std::vector<record::Box>& boxes) {
  Extent extent;
  extent.add(body.place(towards(side) * 30, 34), body.scale * 22, body.scale * 8);
  if (effusion) draw_effusion(canvas, body, side, seed, extent);
  boxes.push_back(extent.box(base_place(side)));
}

void draw_zone(Canvas& canvas, const Anatomy& body, Side side, Zone zone,
               const ZoneContent& content, uint64_t seed, std::vector<record::Box>& boxes) {
  const auto index = static_cast<uint64_t>(side) * 3 + static_cast<uint64_t>(zone);
  Random random = Random::named(seed, "zone", index);
  Extent extent;
  extent.add(zone_center(body, side, zone), body.scale * 13, body.scale * 13);
  if (content.opacity) draw_opacity(canvas, body, side, zone, random, extent);
  if (content.nodules > 0) {
    draw_nodules(canvas, body, side, zone, content.nodules, random, extent);
  }
  boxes.push_back(extent.box(place(side, zone)));
}

void add_noise(Canvas& canvas, uint64_t seed) {
  Random random = Random::named(seed, "noise");
  const double slope_x = random.uniform(-0.03, 0.03);
  const double slope_y = random.uniform(-0.03, 0.03);
  canvas.apply([&](Point at, double light) {
    const double shade = slope_x * (at.x / kSide - 0.5) + slope_y * (at.y / kSide - 0.5);
    return light + shade + 0.018 * random.normal();
  });
}

}  // namespace

RenderedImage render(const Findings& findings, uint64_t seed) {
  LMC_CHECK(findings.count() <= kMaxFindings, findings.count(), " findings");
  Canvas canvas;
  RenderedImage rendered;
  const Anatomy body = sample_anatomy(seed);
  draw_body(canvas, body, seed);
  draw_heart(canvas, body, findings.wide_heart, seed, rendered.boxes);
  for (const Side side : kSides) {
    const Lung& lung = findings.lung(side);
    draw_base(canvas, body, side, lung.effusion, seed, rendered.boxes);
    for (const Zone zone : kZones) {
      draw_zone(canvas, body, side, zone, lung.at(zone), seed, rendered.boxes);
    }
  }
  add_noise(canvas, seed);
  rendered.image = canvas.to_image();
  return rendered;
}

}  // namespace lmc::phantom
