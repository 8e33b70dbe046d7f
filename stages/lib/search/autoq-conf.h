/*
 * autoq-conf.h - settings of AutoQ's agent (autoq.h); experiments/agents/autoq.conf says where each is from.
 */
#ifndef AUTOQ_CONF_H
#define AUTOQ_CONF_H

#include "search/hiro.h"
#include "search/td3.h"

struct autoq_conf {
	long levels;        /* 2, or 1: the flat agent */
	const char *llc;    /* who gives kernels their bits: hiro, formula, uniform */
	const char *budget; /* limit: layer by layer, as actions are chosen; walk: HAQ's, behind them */
	const char
		*high_reward; /* accuracy is the high level's reward of the `last` step, or of `every` one */
	struct hiro_conf hiro;
	struct td3_conf td3; /* of both levels, but for their discounts */
	double high_discount, low_discount;
	double goal_noise, kernel_noise; /* of an action, standard deviations */
	double slope_noise;              /* of kernels together, along their sensitivities */
	double noise_decay;              /* a factor each episode, behind the first `noise_constant` */
	long noise_constant;
	long high_replay, low_replay;   /* steps kept, in whole episodes */
	long high_updates, low_updates; /* after an episode */
};

#endif
