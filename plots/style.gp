# style.gp - what all figures share.  Loaded by each script, which is called with
#   out      the file to write          format   svg, pdf or png
# and may set width and height (inches) before loading this.
if (!exists("width"))  width = 7.0
if (!exists("height")) height = 3.2
if (format eq "svg") { set terminal svg size 96*width, 96*height dynamic enhanced font "Helvetica,11" \
	background rgb "white" }
if (format eq "pdf") { set terminal pdfcairo size width, height enhanced font "Helvetica,8" }
if (format eq "png") { set terminal pngcairo size 160*width, 160*height enhanced font "Helvetica,17" \
	background rgb "white" }
set output out

# Okabe and Ito's colours, told apart by the colour-blind; symbols differ too
blue = 0x0072B2; orange = 0xE69F00; green = 0x009E73; red = 0xD55E00; purple = 0xCC79A7; sky = 0x56B4E9
grey = 0x777777
set border 3 linewidth 0.8
set tics nomirror scale 0.6
set key samplen 1.5
set datafile separator ","

# kinds of layers, as a roofline.csv has them in its second column; each has its colour and symbols
kinds = "depthwise pointwise conv linear"
name(kind)   = kind eq "conv" ? "convolution" : kind
colour(kind) = kind eq "depthwise" ? blue : kind eq "pointwise" ? red : kind eq "conv" ? green : purple
filled(kind) = kind eq "depthwise" ? 7 : kind eq "pointwise" ? 5 : kind eq "conv" ? 9 : 13
open(kind)   = filled(kind) - 1
size(kind)   = kind eq "depthwise" ? 0.8 : kind eq "pointwise" ? 0.7 : kind eq "conv" ? 0.9 : 1.0
# of(KIND, NUMBER): the number, in rows of that kind
of(kind, number) = strcol(2) eq kind ? number : NaN
