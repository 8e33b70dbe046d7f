/*
 * shape.h - the shape of a convolution or pooling: images in, windows, images out.
 *
 * Sizes are in pixels and channels.  Kernels, strides and dilations are the same in both directions.
 */
#ifndef SHAPE_H
#define SHAPE_H

struct conv_shape {
	int n;                    /* images */
	int cin, h, w;            /* channels, height and width of the input */
	int cout, kernel, stride; /* channels of the output, side of the window, its step */
	int pad, pad_end;         /* zeros above and left, below and right */
	int dilation, groups;     /* 1 where a kernel's weights are neighbours; 1 where it is dense */
};

/* The side (height or width) of the output, from that of the input. */
static inline int conv_out(const struct conv_shape *s, int side)
{
	return (side + s->pad + s->pad_end - s->dilation * (s->kernel - 1) - 1) / s->stride + 1;
}

#endif
