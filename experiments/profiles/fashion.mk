# PROFILE=fashion: the paper's block structures, narrow, on 28 x 28 images of clothes that Debian packages.
networks    := mobilenet-v1-fashion mobilenet-v2-fashion
resnet      := resnet-18-fashion
agent       := experiments/ddpg.conf
size-agent  := experiments/ddpg-size.conf
search-conf := experiments/search-fashion.conf
final-conf  := experiments/final-fashion.conf
# clipping ranges by least squares: at 4 bits far better here than the paper's KL divergence (experiments/README.md)
clip        := mse
