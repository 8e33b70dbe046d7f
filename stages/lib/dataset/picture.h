/*
 * picture.h - one JPEG or PNG file as RGB pixels, and the part of it that a network sees.
 *
 * Pixels are those that Pillow's convert("RGB") gives: grey is repeated, palettes are looked up,
 * alpha is dropped without blending, CMYK is taken as Adobe writes it (inverted), neither gamma nor
 * colour profiles nor the EXIF rotation are applied.  Where we differ: grey PNGs of 16 bits keep
 * their high byte, as coloured ones do, where Pillow cuts all that is above 255.
 *
 * Data that is cut short or damaged, where decoders make up pixels, is an error.  Bytes between segments,
 * which lose no pixel, are not.
 */
#ifndef PICTURE_H
#define PICTURE_H

#include "core/base.h"

#define PICTURE_SIDE_MAX 65500 /* libjpeg's */
#define PICTURE_PIXELS_MAX ((size_t)1 << 28)

struct picture {
	int h, w;
	uint8_t *rgb; /* [h][w][3], of malloc */
};

/*
 * Decodes a file of at most so many pixels.  Returns NULL, or the error, whose text is the thread's own; then
 * *p is empty.
 */
const char *picture_decode(struct picture *p, const unsigned char *bytes, size_t size, size_t pixels_max);

/*
 * torchvision's Resize(resize) and CenterCrop(crop), in pixels; 0 leaves either out.  Resize makes the
 * shorter side `resize` long and the longer one int(resize * longer / shorter), by a triangle filter as
 * wide as the scale ("antialiased bilinear"), first along rows, then along columns, each rounded to
 * 8 bits with weights of 22 bits: the arithmetic of Pillow, bit for bit.  Only the pixels inside of
 * the crop are computed.  Half a pixel of an odd margin is rounded down, where torchvision rounds
 * to even: a column of difference where the margin is 3 more than a multiple of 4.
 * Returns NULL, or the error, as above.
 */
const char *picture_fit(struct picture *out, const struct picture *in, int resize, int crop);

void picture_free(struct picture *p);

#endif
