#include "dataset/picture.h"

#include <limits.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>
#include <png.h>

#define REVISION 1 /* raise when the numbers change */

#define SCANS_MAX 500 /* a small progressive JPEG could ask for work without end */

/* Room for the pixels, once the header has said how many. */
static const char *make_room(struct picture *p, size_t h, size_t w, size_t pixels_max)
{
	if (!h || !w || h > PICTURE_SIDE_MAX || w > PICTURE_SIDE_MAX || h * w > pixels_max)
		return error_text("%zu x %zu pixels; expected sides of 1 to %d and at most %zu pixels", w, h,
		                  PICTURE_SIDE_MAX, pixels_max);
	p->h = (int)h;
	p->w = (int)w;
	if (!(p->rgb = malloc(h * w * 3)))
		die("out of memory for a picture of %zu x %zu pixels", w, h);
	return NULL;
}

void picture_free(struct picture *p)
{
	free(p->rgb);
	*p = (struct picture){ 0 };
}

/* --- JPEG ------------------------------------------------------------------------------------ */

/*
 * libjpeg's calls do not return where they fail, so they are left by longjmp.  All that outlives
 * the jump is in here, and not in a variable of the function that is jumped to.  (TurboJPEG has
 * calls that return, but refuses some ways to subsample colours.)
 */
struct jpeg {
	struct jpeg_decompress_struct d;
	struct jpeg_error_mgr errors;
	struct jpeg_progress_mgr progress;
	jmp_buf failed;
	const char *error;
	uint8_t *cmyk; /* a row */
};

static _Noreturn void jpeg_fail(struct jpeg *j, const char *error)
{
	j->error = error;
	longjmp(j->failed, 1);
}

static _Noreturn void jpeg_on_error(j_common_ptr d)
{
	char text[JMSG_LENGTH_MAX];

	d->err->format_message(d, text);
	jpeg_fail(d->client_data, error_text("%s", text));
}

/* A warning of libjpeg: it goes on with pixels that it makes up.  Three of them lose nothing. */
static void jpeg_on_message(j_common_ptr d, int level)
{
	int code = d->err->msg_code;

	if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_JFIF_MAJOR && code != JWRN_ADOBE_XFORM)
		jpeg_on_error(d);
}

static void jpeg_on_progress(j_common_ptr d)
{
	struct jpeg *j = d->client_data;

	if (j->d.input_scan_number > SCANS_MAX)
		jpeg_fail(j, error_text("more than %d scans", SCANS_MAX));
}

/* Adobe writes 255 - C, 255 - M, 255 - Y, 255 - K; R = (1 - C) (1 - K), rounded as Pillow does. */
static void rgb_of_cmyk(uint8_t *rgb, const uint8_t *cmyk, int n)
{
	for (int i = 0; i < n; i++) {
		int white = cmyk[4 * i + 3];

		for (int k = 0; k < 3; k++) {
			int x = (255 - cmyk[4 * i + k]) * white + 128;

			rgb[3 * i + k] = (uint8_t)(white - ((x >> 8) + x) / 256);
		}
	}
}

static void jpeg_rows(struct jpeg *j, struct picture *p)
{
	bool four = j->d.out_color_space == JCS_CMYK;

	if (four)
		j->cmyk = xmalloc((size_t)p->w, 4);
	while (j->d.output_scanline < j->d.output_height) {
		uint8_t *out = p->rgb + (size_t)j->d.output_scanline * p->w * 3, *row = four ? j->cmyk : out;

		jpeg_read_scanlines(&j->d, &row, 1);
		if (four)
			rgb_of_cmyk(out, row, p->w);
	}
}

static const char *jpeg_run(struct jpeg *j, struct picture *p, const unsigned char *bytes, size_t size,
                            size_t pixels_max)
{
	const char *error;

	if (setjmp(j->failed))
		return j->error;
	jpeg_create_decompress(&j->d);
	j->d.client_data = j;
	j->d.progress = &j->progress;
	jpeg_mem_src(&j->d, bytes, (unsigned long)size);
	jpeg_read_header(&j->d, TRUE);
	if ((error = make_room(p, j->d.image_height, j->d.image_width, pixels_max)))
		return error;
	if (j->d.num_components == 2 || j->d.num_components > 4)
		return error_text("JPEG of %d colours; expected 1, 3 or 4", j->d.num_components);
	j->d.out_color_space = j->d.num_components == 4 ? JCS_CMYK : JCS_RGB;
	jpeg_start_decompress(&j->d);
	jpeg_rows(j, p);
	jpeg_finish_decompress(&j->d);
	return NULL;
}

static const char *decode_jpeg(struct picture *p, const unsigned char *bytes, size_t size, size_t pixels_max)
{
	struct jpeg *j = xmalloc(1, sizeof *j);
	const char *error;

	j->d.err = jpeg_std_error(&j->errors);
	j->errors.error_exit = jpeg_on_error;
	j->errors.emit_message = jpeg_on_message;
	j->progress.progress_monitor = jpeg_on_progress;
	j->d.client_data = j;
	error = jpeg_run(j, p, bytes, size, pixels_max);
	jpeg_destroy_decompress(&j->d);
	free(j->cmyk);
	free(j);
	return error;
}

/* --- PNG ------------------------------------------------------------------------------------- */

struct png {
	png_structp read;
	png_infop info;
	const unsigned char *bytes;
	size_t left;
	const char *error;
	png_bytep *rows;
};

static _Noreturn void png_on_error(png_structp read, png_const_charp text)
{
	struct png *g = png_get_error_ptr(read);

	g->error = error_text("%s", text);
	png_longjmp(read, 1);
}

/* Warnings are of chunks that hold no pixels: profiles, comments. */
static void png_on_warning(png_structp read, png_const_charp text)
{
	(void)read;
	(void)text;
}

static void png_give(png_structp read, png_bytep out, size_t n)
{
	struct png *g = png_get_io_ptr(read);

	if (n > g->left)
		png_error(read, "PNG cut short");
	memcpy(out, g->bytes, n);
	g->bytes += n;
	g->left -= n;
}

/* Whatever the file holds, libpng hands over RGB of 8 bits. */
static void png_ask_for_rgb(struct png *g)
{
	int colour = png_get_color_type(g->read, g->info);

	if (colour == PNG_COLOR_TYPE_PALETTE)
		png_set_palette_to_rgb(g->read);
	if (!(colour & PNG_COLOR_MASK_COLOR)) {
		png_set_expand_gray_1_2_4_to_8(g->read);
		png_set_gray_to_rgb(g->read);
	}
	png_set_strip_16(g->read);
	png_set_strip_alpha(g->read);
	png_set_interlace_handling(g->read);
	png_read_update_info(g->read, g->info);
}

static const char *png_run(struct png *g, struct picture *p, size_t pixels_max)
{
	const char *error;

	if (setjmp(png_jmpbuf(g->read)))
		return g->error;
	png_set_read_fn(g->read, g, png_give);
	png_set_user_limits(g->read, INT_MAX, INT_MAX); /* make_room has ours */
	png_read_info(g->read, g->info);
	if ((error = make_room(p, png_get_image_height(g->read, g->info),
	                       png_get_image_width(g->read, g->info), pixels_max)))
		return error;
	png_ask_for_rgb(g);
	if (png_get_rowbytes(g->read, g->info) != (size_t)p->w * 3)
		BUG("libpng gives rows of %zu bytes for %d pixels", png_get_rowbytes(g->read, g->info), p->w);
	g->rows = xmalloc((size_t)p->h, sizeof *g->rows);
	for (int y = 0; y < p->h; y++)
		g->rows[y] = p->rgb + (size_t)y * p->w * 3;
	png_read_image(g->read, g->rows);
	png_read_end(g->read, NULL);
	return NULL;
}

static const char *decode_png(struct picture *p, const unsigned char *bytes, size_t size, size_t pixels_max)
{
	struct png *g = xmalloc(1, sizeof *g);
	const char *error;

	*g = (struct png){ .bytes = bytes, .left = size };
	g->read = png_create_read_struct(PNG_LIBPNG_VER_STRING, g, png_on_error, png_on_warning);
	if (!g->read || !(g->info = png_create_info_struct(g->read)))
		die("cannot start libpng");
	error = png_run(g, p, pixels_max);
	png_destroy_read_struct(&g->read, &g->info, NULL);
	free(g->rows);
	free(g);
	return error;
}

/* The format is known by what the file holds, not by its name: ImageNet has a PNG called .JPEG. */
const char *picture_decode(struct picture *p, const unsigned char *bytes, size_t size, size_t pixels_max)
{
	const char *error = "neither a JPEG nor a PNG file";

	*p = (struct picture){ 0 };
	if (size >= 2 && bytes[0] == 0xff && bytes[1] == 0xd8)
		error = decode_jpeg(p, bytes, size, pixels_max);
	else if (size >= 8 && !memcmp(bytes, "\x89PNG\r\n\x1a\n", 8))
		error = decode_png(p, bytes, size, pixels_max);
	else if (!size)
		error = "an empty file";
	if (error)
		picture_free(p);
	return error;
}
