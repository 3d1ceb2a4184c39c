// Stored grey values to what is shown: rescaled, windowed, eight bits.
//
// Source: DICOM PS3.3 C.11.1 (modality), C.11.2 (view), C.7.6.16.2.9 and C.7.6.16.2.10 (of one
//         frame), C.7.5.1.1.2 (padding). Where the standard's output range is [ymin, ymax], ours is
//         [0, 255], rounded to the nearest, halves up.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "image/dicom/codecs.h"
#include "image/dicom_facts.h"  // Window

namespace lmc::image::dicom {

// The windows and tables that count for a frame (from 0): those of the frame, else those of all
// frames, else those of the file; for CT also the usual windows.
std::vector<Window> presets_of(const DataSet& data, int64_t frame, std::string_view where);

// The window that `choice` names; the file's own where it is empty. A window without width and
// table: "full".
// Errors: InputError that lists what there is.
Window chosen_window(std::string_view choice, const std::vector<Window>& presets,
                     std::string_view where);

// As it can be chosen again.
std::string name_of(const Window& window);

// One value a pixel; MONOCHROME1 is turned over. Padding is black.
std::vector<uint8_t> shown_grey(const Samples& samples, const PixelFormat& format,
                                const DataSet& data, int64_t frame, const Window& window,
                                std::string_view where);

}  // namespace lmc::image::dicom
