#!/usr/bin/env node
/*
 * peer.js - a model in onnxruntime, by npm's onnxruntime-node.  peer.py does the same by Debian's
 * python3-onnxruntime.
 *
 *	peer.js speed MODEL.onnx BATCH ROUNDS THREADS      images a second, median over rounds, after one that
 *	                                                   is not counted
 *	peer.js run MODEL.onnx IN.f32 BATCH OUT.f32        its first output for all images of a file, some at a
 *	                                                   time: float32, one image after the other
 *	peer.js optimize MODEL.onnx OUT.onnx               the graph that it makes of the model and runs
 */
'use strict';
const fs = require('fs');
const ort = require('onnxruntime-node');

// all that its graph optimizer can do, one operator at a time: what is said to be fastest for such networks
function open(model, threads, more) {
	return ort.InferenceSession.create(model, {
		intraOpNumThreads: threads, interOpNumThreads: 1, executionMode: 'sequential',
		graphOptimizationLevel: 'all', logSeverityLevel: 3, ...more,
	});
}

function images(session, count, numbers) {
	const [, ...shape] = session.inputMetadata[0].shape;
	return { [session.inputNames[0]]: new ort.Tensor('float32', numbers, [count, ...shape]) };
}

function bytes(session) {
	return 4 * session.inputMetadata[0].shape.slice(1).reduce((a, b) => a * b);
}

async function speed(model, batch, rounds, threads) {
	const session = await open(model, Number(threads));
	const numbers = new Float32Array(batch * bytes(session) / 4).map(() => 2 * Math.random() - 1);
	const feeds = images(session, Number(batch), numbers);
	const rates = [];
	for (let i = 0; i <= rounds; i++) {
		const start = process.hrtime.bigint();
		await session.run(feeds);
		rates.push(1e9 * batch / Number(process.hrtime.bigint() - start));
	}
	const sorted = rates.slice(1).sort((a, b) => a - b);
	console.log(Number(sorted[sorted.length >> 1].toPrecision(4)));
}

async function run(model, input, batch, output) {
	const session = await open(model, 1);
	const data = fs.readFileSync(input);
	const size = bytes(session);
	const out = [];
	for (let at = 0; at < data.length; at += batch * size) {
		const part = data.subarray(at, at + batch * size);
		const feeds = images(session, part.length / size, new Float32Array(new Uint8Array(part).buffer));
		const y = (await session.run(feeds))[session.outputNames[0]].data;
		out.push(Buffer.from(y.buffer, y.byteOffset, y.byteLength));
	}
	fs.writeFileSync(output, Buffer.concat(out));
}

const verbs = { speed, run, optimize: (model, output) => open(model, 1, { optimizedModelFilePath: output }) };
const [verb, ...rest] = process.argv.slice(2);
verbs[verb](...rest).catch((error) => {
	console.error(`${rest[0]}: ${error.message}`);
	process.exit(1);
});
