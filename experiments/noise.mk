# Noise: how far the scores of one policy lie apart that a search would see, by the order of images in its
# brief finetuning, and how far other settings of it bring them together.  Beside them what chance alone
# makes of so many reward images.
#
#   make noise                                             these
#   make noise noise.nets=tiny-fashion noise.draws=3 noise.variants="search epochs-2+learning_rate-5e-4"
MEASUREMENTS   += noise
noise.about    := how far scores of one policy lie apart, by settings of the brief finetuning
noise.title    := Noise of a score: uniform bits after the brief finetuning of a search, on reward images
noise.nets     := $(networks)
noise.uniform  := w4a4
# `search` are the profile's settings (search-PROFILE.conf); others change KEY-VALUE, joined by +: statistics
# of fewer images, an epoch of training without new statistics and with them, and its other settings
noise.variants := search statistics_images-256 statistics_images-128 epochs-1+statistics_images-0 epochs-1 \
                  epochs-1+storage-float32 epochs-1+learning_rate-0.0005 \
                  epochs-1+learning_rate-0.002+schedule-cosine epochs-1+freeze_statistics-0.25 \
                  epochs-1+freeze_statistics-1 epochs-1+distillation-1 epochs-2
noise.draws    := 8
