// The beta distribution, and Student's t by way of it.
//
// Detail: the constant in front comes from lgamma, so the relative error of a share grows with the
// parameters: about 1e-15 for small ones, below 1e-9 up to 1e5. A quantile's error is that of the
// share divided by the density, which grows as well.
#pragma once

namespace lmc::stats {

// The share below `x` of Beta(a, b): the regularised incomplete beta function I_x(a, b), 0 <= x <=
// 1 and a, b > 0.
// Source: the continued fraction DLMF 8.17.22, by Lentz's method.
double beta_cdf(double x, double a, double b);

// The x with the share `p` of Beta(a, b) below it, 0 <= p <= 1, by bisection.
double beta_quantile(double p, double a, double b);

// The t with the share `p` of Student's distribution below it, 0 < p < 1.
// Source: t * t / (degrees + t * t) is Beta(1 / 2, degrees / 2) distributed.
double student_t_quantile(double p, double degrees);

}  // namespace lmc::stats
