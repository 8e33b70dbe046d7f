# Noise: how far the scores of one policy lie apart that a search would see, by which images its episodes use
# and in which order, and how far other settings bring them together.  Beside them what chance alone makes of
# so many reward images.
#
#   make noise                                             these
#   make noise noise.nets=tiny-fashion noise.draws=3 noise.variants="search epochs-2+learning_rate-5e-4"
MEASUREMENTS   += noise
noise.about    := how far apart scores of one policy lie in a search, by what its episodes do
noise.title    := Noise of a score: uniform bits as a search scores them, on reward images
noise.nets     := $(networks)
noise.uniform  := w4a4
# `search` are the profile's settings (search-PROFILE.conf); others change KEY-VALUE, joined by +: statistics
# of fewer images, an epoch of training without new statistics and with them, and its other settings
noise.variants := search statistics_images-256 statistics_images-128 epochs-1+statistics_images-0 epochs-1 \
                  epochs-1+storage-float32 epochs-1+learning_rate-0.0005 \
                  epochs-1+learning_rate-0.002+schedule-cosine epochs-1+freeze_statistics-0.25 \
                  epochs-1+freeze_statistics-1 epochs-1+distillation-1 epochs-2
noise.draws    := 8
