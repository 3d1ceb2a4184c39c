// JPEG-LS by CharLS.
#include "base/check.h"  // InputError
#include "image/dicom/codecs.h"

#ifdef LMC_DICOM_CODECS
#include <charls/charls.h>
#endif

namespace lmc::image::dicom {

#ifdef LMC_DICOM_CODECS

Samples decode_jpeg_ls(std::string_view frame, const PixelFormat& format, std::string_view where) {
  try {
    const charls::jpegls_decoder decoder(frame.data(), frame.size());
    const charls::frame_info& info = decoder.frame_info();
    if (info.height != static_cast<uint64_t>(format.rows) ||
        info.width != static_cast<uint64_t>(format.columns) ||
        info.component_count != format.samples_per_pixel || info.bits_per_sample > 16) {
      throw InputError(where, "broken DICOM: its JPEG-LS frame is of another size");
    }
    Samples samples(format, info.bits_per_sample);
    samples.is_planar = decoder.interleave_mode() == charls::interleave_mode::none;
    LMC_CHECK(decoder.destination_size() == samples.bytes.size());
    decoder.decode(samples.bytes);
    return samples;
  } catch (const charls::jpegls_error& error) {
    throw InputError(where, cat("broken DICOM: its JPEG-LS frame: ", error.what()));
  }
}

#else

Samples decode_jpeg_ls(std::string_view, const PixelFormat&, std::string_view where) {
  throw InputError(where, "DICOM in JPEG-LS is not read by this build",
                   "build with -DLMC_DICOM_CODECS=ON, or convert the file");
}

#endif

}  // namespace lmc::image::dicom
